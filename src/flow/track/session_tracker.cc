#include "flow/track/session_tracker.h"

#include <algorithm>
#include <utility>

namespace purvey::flow {

void SessionTracker::observe(uint64_t customer, const SessionPoint& point) {
  Sessions& sessions = customers_.at(customer);
  // Sessions of which this is near: their last thing is not a gap before it, their first not a gap
  // behind it.
  const auto begin = std::find_if(sessions.begin(), sessions.end(), [&](const Session& session) {
    return session.last + gap_ >= point.at;
  });
  const auto end = std::find_if(begin, sessions.end(), [&](const Session& session) {
    return session.first - gap_ > point.at;
  });
  Session joined = session_of(point);
  for (auto session = begin; session != end; ++session) join(joined, *session);
  if (end - begin == 1 && joined == *begin) return;
  for (auto session = begin; session != end; ++session) publish(*session, -1);
  publish(joined, +1);
  const auto place = sessions.erase(begin, end);
  sessions.insert(place, joined);
  if (sessions.size() > kSessionsMax) sessions.erase(sessions.begin());
}

SessionTracker::Session SessionTracker::session_of(const SessionPoint& point) const {
  return {.first = point.at,
          .last = point.at,
          .campaign_at = point.campaign == 0 ? kUnknown : point.at,
          .campaign = point.campaign,
          .seen = !point.is_order,
          .carted = point.carted,
          .bought = point.bought};
}

void SessionTracker::join(Session& session, const Session& other) const {
  session.first = std::min(session.first, other.first);
  session.last = std::max(session.last, other.last);
  session.seen |= other.seen;
  session.carted |= other.carted;
  session.bought |= other.bought;
  if (!is_named_before(other, session)) return;
  session.campaign = other.campaign;
  session.campaign_at = other.campaign_at;
}

bool SessionTracker::is_named_before(const Session& session, const Session& other) const {
  if (session.campaign == 0 || other.campaign == 0) return other.campaign == 0;
  return std::pair(session.campaign_at, names_.hash(session.campaign)) <
         std::pair(other.campaign_at, names_.hash(other.campaign));
}

void SessionTracker::publish(const Session& session, int64_t weight) {
  if (!session.seen) return;
  Dimensions dimensions;
  dimensions[Dimension::kCampaign] = session.campaign;
  const auto add = [&](Measure measure) {
    sink_.add({.measure = measure, .time = {session.last + gap_}, .weight = weight}, dimensions);
  };
  add(Measure::kSessionEnded);
  if (session.bought) add(Measure::kSessionBought);
  if (session.carted) add(Measure::kSessionCarted);
  if (session.carted && !session.bought) add(Measure::kSessionAbandoned);
}

void SessionTracker::save(base::ByteWriter& writer) const {
  writer.varint(customers_.size());
  customers_.visit([&](uint64_t key, const Sessions& sessions) {
    writer.word(key);
    writer.varint(sessions.size());
    for (const Session& session : sessions) {
      writer.zigzag(session.first);
      writer.zigzag(session.last);
      writer.zigzag(session.campaign_at);
      writer.text(names_.text(session.campaign));
      writer.varint((session.seen ? 1U : 0U) | (session.carted ? 2U : 0U) |
                    (session.bought ? 4U : 0U));
    }
  });
}

void SessionTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t customers = reader.varint();
  for (uint64_t i = 0; i < customers && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    const uint64_t count = reader.varint();
    if (!reader.fits(count, 5)) return;
    Sessions sessions(count);
    for (Session& session : sessions) {
      session.first = reader.zigzag();
      session.last = reader.zigzag();
      session.campaign_at = reader.zigzag();
      session.campaign = names.intern(reader.text());
      const uint64_t flags = reader.varint();
      session.seen = (flags & 1) != 0;
      session.carted = (flags & 2) != 0;
      session.bought = (flags & 4) != 0;
    }
    if (share.owns(key)) customers_.at(key) = std::move(sessions);
  }
}

}  // namespace purvey::flow
