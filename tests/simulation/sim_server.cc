#include "sim_server.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hash.h"

namespace purvey::simulation {

using base::Result;

Result<std::unique_ptr<SimServer>> SimServer::open(const ServerOptions& options) {
  std::unique_ptr<SimServer> server(new SimServer(options));
  PURVEY_TRY(server->open());
  return server;
}

Result<void> SimServer::open() {
  engine_ =
      PURVEY_TRY(app::FlowEngine::open({.data = options_.data,
                                        .segment_bytes = options_.segment_bytes,
                                        .keep_journal = options_.keep_journal,
                                        .now = {*options_.clock},
                                        .ground = {.disk = options_.disk, .engine = &ground_},
                                        .behind = behind_,
                                        .new_key = event::Pseudonymizer::published_key,
                                        .upkeep = {.fan = options_.merge_fan, .behind = merging_}},
                                       *options_.configuration));
  intake_ = std::make_unique<app::EventIntake>(*this, metrics_);
  return {};
}

Result<void> SimServer::submit(app::Submission submission) {
  app::FlowEngine::Submitted submitted{.batch = submission.batch,
                                       .done = std::move(submission.done),
                                       .received = {*options_.clock},
                                       .body = PURVEY_TRY(engine_->pack(*submission.batch))};
  const uint64_t bytes = submitted.body.size();
  if (!waiting_.empty() && bytes_waiting_ + bytes > options_.bytes_waiting_max) {
    return base::exhausted("too much waits");
  }
  options_.on_submit(submitted.body);
  if (std::exchange(options_.forgets_a_batch, false)) {
    submitted.done({});
    return {};
  }
  bytes_waiting_ += bytes;
  waiting_.push_back(std::move(submitted));
  return {};
}

Result<void> SimServer::ask(std::function<void(const app::FlowState&)> question) {
  question(engine_->settled());
  return {};
}

Result<void> SimServer::stop() {
  PURVEY_TRY(keep_journal(waiting_.size(), false));
  while (counting() > 0) PURVEY_TRY(count_one());
  PURVEY_TRY(engine_->write_stop({*options_.clock}, [&](const auto& one) { engine_->count(one); }));
  PURVEY_TRY(commit());
  while (!writing_.empty()) PURVEY_TRY(write_one());
  return {};
}

void SimServer::take_request(std::string body, serve::Respond respond) {
  intake_->take({.method = serve::Method::kPost,
                 .path = "/api/v1/events",
                 .content_type = "application/x-ndjson",
                 .body = std::move(body)},
                std::move(respond));
}

Result<void> SimServer::keep_journal(size_t most, bool with_tick) {
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(most, waiting_.size()));
  std::vector<app::FlowEngine::Submitted> taken(std::make_move_iterator(waiting_.begin()),
                                                std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  for (const auto& one : taken) bytes_waiting_ -= one.body.size();
  const auto tick = with_tick ? std::optional(base::EventTime{*options_.clock}) : std::nullopt;
  return engine_->write_journal(std::move(taken), tick, [&](app::FlowEngine::Journaled one) {
    counting_.push_back(std::move(one));
  });
}

Result<void> SimServer::recover() {
  PURVEY_TRY(engine_->recover([this](app::FlowEngine::Results rows) -> Result<void> {
    writing_.push_back(std::move(rows));
    return {};
  }));
  is_recovered_ = true;
  return {};
}

Result<void> SimServer::count_one() {
  if (!is_recovered_) return recover();
  const auto& next = counting_.front();
  engine_->count(next);
  if (next.batch && std::exchange(options_.counts_a_batch_twice, false)) {
    // Under other ids, as if they had been forgotten.
    for (event::EventRow& row : next.batch->rows) row.id_hash = base::mix64(row.id_hash, 1);
    engine_->count(next);
  }
  counting_.pop_front();
  return {};
}

void SimServer::hand_over_rows() {
  writing_.push_back(engine_->take_rows());
}

Result<void> SimServer::commit() {
  writing_.push_back(PURVEY_TRY(engine_->prepare_commit({*options_.clock})));
  return {};
}

Result<void> SimServer::write_one() {
  const auto results = std::move(writing_.front());
  writing_.pop_front();
  return engine_->write(results);
}

}  // namespace purvey::simulation
