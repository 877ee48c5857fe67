#include "clients.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace purvey::simulation {
namespace {

constexpr int64_t kPatience = 30 * kSecond;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

bool is_rejected(const ShopEvent& event) {
  return event.form == ShopEvent::Form::kBroken || event.form == ShopEvent::Form::kIncomplete;
}

template <class T>
T take_any(std::vector<T>& from, Random& random) {
  const size_t at = random.below(from.size());
  const T taken = from[at];
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(at));
  return taken;
}

}  // namespace

Clients::Clients(const std::vector<ShopEvent>& shop, Random random) {
  std::map<std::string, Batch> open;
  const auto close = [&](Batch& batch) {
    batch.is_to_be_repeated = random.chance(0.2);
    batches_.push_back(std::exchange(batch, {}));
  };
  for (const ShopEvent& event : shop) {
    Batch& batch = open[event.source];
    batch.events.push_back(&event);
    batch.has_good |= !is_rejected(event);
    batch.due = event.sent_at;
    if (random.chance(0.3)) close(batch);
  }
  for (auto& [source, batch] : open) {
    if (!batch.events.empty()) close(batch);
  }
}

void Clients::send(int64_t now, Random& random) {
  for (size_t i = 0; i < batches_.size(); ++i) {
    Batch& batch = batches_[i];
    if (batch.due > now) continue;
    batch.due = now + kPatience;  // then again
    if (!random.chance(0.05)) requests_.push_back({i});
    if (random.chance(0.05)) requests_.push_back({i});
  }
}

std::optional<int64_t> Clients::next_sending() const {
  int64_t next = kNever;
  for (const Batch& batch : batches_) next = std::min(next, batch.due);
  return next == kNever ? std::nullopt : std::optional(next);
}

Message Clients::take_request(Random& random) {
  return take_any(requests_, random);
}

void Clients::answer(size_t batch, int status, Random& random) {
  if (!random.chance(0.05)) answers_.push_back({batch, status});
}

std::optional<std::string> Clients::take_answer(Random& random, int64_t now) {
  const Answer answer = take_any(answers_, random);
  Batch& batch = batches_[answer.batch];
  if (answer.status == 429 || answer.status >= 500) return std::nullopt;  // sent again when due
  const int expected = batch.has_good ? 202 : 400;
  if (answer.status != expected) {
    return fmt::format("a batch of {} events was answered {} instead of {}", batch.events.size(),
                       answer.status, expected);
  }
  if (batch.is_to_be_repeated) {
    batch.is_to_be_repeated = false;
    batch.due = now + random.between(0, 2 * kHour);
  } else if (!batch.is_answered || batch.due < kNever) {
    batch.due = kNever;
  }
  batch.is_answered = true;
  return std::nullopt;
}

void Clients::lose_connections(Random& random) {
  std::erase_if(requests_, [&](const Message&) { return random.chance(0.5); });
  std::erase_if(answers_, [&](const Answer&) { return random.chance(0.5); });
}

bool Clients::are_done() const {
  return !is_anything_under_way() && !next_sending();
}

std::string Clients::body(size_t batch) const {
  std::string lines;
  for (const ShopEvent* event : batches_[batch].events) lines += event->json + "\n";
  return lines;
}

}  // namespace purvey::simulation
