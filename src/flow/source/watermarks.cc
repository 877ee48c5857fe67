#include "flow/source/watermarks.h"

#include <algorithm>
#include <string>

namespace purvey::flow {
namespace {

// A running server ticks every ten seconds at least. What lies further apart is no time in which
// anybody could have sent: the server was down, or its machine asleep. Nobody is silent for it.
constexpr base::Micros kTickMost = std::chrono::minutes(1);

}  // namespace

void Watermarks::observe(uint32_t source, base::EventTime time, base::EventTime received) {
  hear(source, received);
  Source& mine = sources_[source];
  highest_ = std::max(highest_, time);
  if (time <= mine.highest) return;
  mine.highest = time;
  follow_sources();
}

void Watermarks::hear(uint32_t source, base::EventTime received) {
  move_clock(received);
  Source& mine = sources_[source];
  mine.last_received = std::max(mine.last_received, received);
}

void Watermarks::tick(base::EventTime now) {
  if (now <= now_) return;  // a clock that was set back
  move_clock(now);
  follow_sources();
}

void Watermarks::move_clock(base::EventTime now) {
  if (now <= now_) return;
  const base::Micros passed = now_ == base::kNever ? base::Micros(0) : now - now_;
  const bool were_idle = std::all_of(sources_.begin(), sources_.end(), [&](const auto& entry) {
    return holds_nothing(entry.second);
  });
  now_ = now;
  if (passed > kTickMost) {
    for (auto& [id, source] : sources_) source.last_received = source.last_received + passed;
  }
  // Of events that do not count a source is heard, too: they begin no time that could go on.
  if (were_idle && watermark_ != base::kNever) raise(watermark_ + std::min(passed, kTickMost));
}

void Watermarks::follow_sources() {
  base::EventTime least = base::kNever;
  for (const auto& [id, source] : sources_) {
    if (holds_nothing(source)) continue;
    if (least == base::kNever || source.highest < least) least = source.highest;
  }
  if (least != base::kNever) raise(least - disorder_);
}

void Watermarks::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  for (const base::EventTime time : {watermark_, highest_, now_}) writer.zigzag(time.micros);
  // By name: ids depend on the order of arrival.
  absl::btree_map<std::string, Source> by_name;
  for (const auto& [id, source] : sources_) by_name.emplace(names.text(id), source);
  writer.varint(by_name.size());
  for (const auto& [name, source] : by_name) {
    writer.text(name);
    writer.zigzag(source.highest.micros);
    writer.zigzag(source.last_received.micros);
  }
}

void Watermarks::load(base::ByteReader& reader, base::Dictionary& names) {
  for (base::EventTime* time : {&watermark_, &highest_, &now_}) *time = {reader.zigzag()};
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Source& source = sources_[names.intern(reader.text())];
    source.highest = {reader.zigzag()};
    source.last_received = {reader.zigzag()};
  }
}

}  // namespace purvey::flow
