#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "random.h"

namespace purvey::simulation {

inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kMinute = 60 * kSecond;
inline constexpr int64_t kHour = 60 * kMinute;
inline constexpr int64_t kDay = 24 * kHour;

struct ShopLine {
  std::string sku;
  int64_t qty = 0;
};

/// An event as the shop knows it, and as it sends it. Texts are empty and numbers absent where the
/// event says nothing.
struct ShopEvent {
  enum class Form : uint8_t {
    kGood,
    kBroken,      ///< no JSON: rejected, nobody knows whose
    kIncomplete,  ///< a required field is missing: rejected
    kImpossible,  ///< a number out of bounds: quarantined
  };

  std::string source = {};
  std::string id = {};
  std::string type = {};
  int64_t time = 0;     ///< of the event
  int64_t sent_at = 0;  ///< of the wall clock, at the earliest
  Form form = Form::kGood;

  std::string order = {};
  std::string channel = {};
  std::string region = {};
  std::string warehouse = {};
  std::string carrier = {};
  std::string shipment = {};
  std::optional<int64_t> promised_at = {};
  std::optional<int64_t> amount = {};  ///< in hundredths, as other money
  std::vector<ShopLine> lines = {};
  bool inferred = false;
  std::string method = {};
  std::string sku = {};
  int64_t qty = 0;  ///< of stock: units counted or moved
  std::string category = {};
  std::optional<int64_t> cost = {};

  std::string content = {};  ///< what it says but for its id: type, time and data
  std::string json = {};     ///< the line that is sent
};

struct ShopOptions {
  int64_t begins_at = 0;
  int64_t lasts = 3 * kHour;
  int orders = 20;
  int stock_moves = 20;
  /// Shares of all events.
  double slightly_late = 0.1;  ///< by minutes
  double hours_late = 0.03;
  double days_late = 0.01;
  double in_the_future = 0.01;
  double sent_again = 0.03;   ///< by its source, the same
  double in_conflict = 0.01;  ///< another event of the same id
  double bad = 0.03;
};

/// The events of a small shop in the order in which their sources send them.
std::vector<ShopEvent> make_shop(const ShopOptions& options, Random random);

/// The event with another content under the same id: its time a second later, its amount 0.01 more.
ShopEvent changed(const ShopEvent& event);

/// The same event, but for its amount: 0.01 more.
ShopEvent a_cent_more(const ShopEvent& event);

}  // namespace purvey::simulation
