#pragma once

#include <vector>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/track/key_groups.h"
#include "flow/track/key_share.h"
#include "flow/track/order_state.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow {

/// One thing that a customer did, as far as sessions care.
struct SessionPoint {
  int64_t at = 0;
  bool carted = false;
  bool bought = false;
  bool is_order = false;  ///< an order, which is no sign that the customer was seen in the shop
  uint32_t campaign = 0;
};

/// Divides what each customer does into sessions: two things belong to one session if no longer
/// than the gap lies between them, or if others in between connect them.
///
/// 1. A thing joins every session that it is no further from than the gap; all of them become one,
/// so that a late event bridges what looked like two.
/// 2. A session counts a gap after the last thing in it, when it is known to be over:
/// session.ended, session.carted if something was put into the cart, session.bought if something
/// was bought, session.abandoned if the first and not the second. One of orders alone counts for
/// nothing.
/// 3. What a session counted before it changed is taken back. So the sum does not depend on the
/// order of arrival.
///
/// A session is of the campaign that was named first in it (of two at one instant, the lesser
/// hash). Memory: 40 bytes a session, the newest kSessionsMax of a customer; an older one still
/// counts, but what comes for it after kSessionsMax newer ones counts as another. One thread.
class SessionTracker {
 public:
  static constexpr size_t kSessionsMax = 64;

  /// `names` must outlive it; `gap` in microseconds.
  SessionTracker(SignalSink& sink, const base::Dictionary& names, int64_t gap)
      : sink_(sink), names_(names), gap_(gap) {}

  /// `customer` is the hash of the customer's pseudonym.
  void observe(uint64_t customer, const SessionPoint& point);

  /// See KeyGroups. They change nothing.
  void prefetch(uint64_t customer) const { customers_.prefetch(customer); }
  void prefetch_state(uint64_t customer) const { customers_.prefetch_state(customer); }

  void save(base::ByteWriter& writer) const;
  /// Adds what was saved, as far as `share` owns it.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct Session {
    int64_t first = 0;
    int64_t last = 0;
    int64_t campaign_at = kUnknown;  ///< when the campaign was named
    uint32_t campaign = 0;
    bool seen = false;  ///< more than orders
    bool carted = false;
    bool bought = false;

    friend bool operator==(const Session&, const Session&) = default;
  };
  using Sessions = std::vector<Session>;  ///< ascending, more than the gap between two

  Session session_of(const SessionPoint& point) const;
  void join(Session& session, const Session& other) const;
  bool is_named_before(const Session& session, const Session& other) const;
  void publish(const Session& session, int64_t weight);

  SignalSink& sink_;
  const base::Dictionary& names_;
  const int64_t gap_;
  KeyGroups<Sessions> customers_;
};

}  // namespace purvey::flow
