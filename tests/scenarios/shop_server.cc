#include "tests/scenarios/shop_server.h"

#include <fmt/core.h>

#include "app/purge.h"
#include "event/pseudonym.h"
#include "event/verdict.h"
#include "store/depot/store.h"

namespace purvey::scenarios {
namespace {

using app::FlowEngine;
using base::Result;
using event::EventBatch;

void decode(std::string line, event::JsonDecoder& decoder, EventBatch& batch) {
  const size_t size = line.size();
  line.append(64, ' ');  // which decoding may read
  decoder.decode(std::string_view(line).substr(0, size), batch);
}

/// Keeps a result as it comes.
class CellSink : public store::ResultSink {
 public:
  Result<void> begin(std::span<const store::ResultColumn> columns) override {
    columns_ = columns.size();
    return {};
  }
  Result<void> rows(const store::ResultChunk& chunk) override {
    for (size_t row = 0; row < chunk.rows(); ++row) {
      auto& cells = cells_.emplace_back();
      for (size_t column = 0; column < columns_; ++column) {
        const auto cell = chunk.cell(column, row);
        cells.push_back(cell ? std::optional(std::string(*cell)) : std::nullopt);
      }
    }
    return {};
  }

  Cells take() { return std::move(cells_); }

 private:
  size_t columns_ = 0;
  Cells cells_;
};

}  // namespace

Result<void> ShopServer::start(base::EventTime now) {
  now_ = now;
  engine_ = PURVEY_TRY(FlowEngine::open({.data = folder_,
                                         .segment_bytes = segment_bytes_,
                                         .keep_journal = true,
                                         .now = now,
                                         // Not a random one: the digests of two folders compare.
                                         .new_key = event::Pseudonymizer::published_key,
                                         .upkeep = {.fan = 3}},
                                        configuration_));
  PURVEY_TRY(engine_->recover());
  decoder_ = std::make_unique<event::JsonDecoder>(engine_->names(), engine_->people(),
                                                  engine_->base_currency());
  questions_ = PURVEY_TRY(engine_->questions());
  return {};
}

void ShopServer::kill() {
  decoder_.reset();
  questions_.reset();
  engine_.reset();
}

Result<void> ShopServer::stop(base::EventTime now) {
  PURVEY_TRY(engine_->write_stop(now, [&](const auto& one) { engine_->count(one); }));
  PURVEY_TRY(commit());
  kill();
  return {};
}

Result<void> ShopServer::send(const std::vector<std::string>& lines, base::EventTime now) {
  const auto batch = std::make_shared<EventBatch>();
  for (const std::string& line : lines) decode(line, *decoder_, *batch);
  std::vector<FlowEngine::Submitted> submitted;
  submitted.push_back({.batch = batch,
                       .done = [](const Result<void>&) {},
                       .received = now,
                       .body = PURVEY_TRY(engine_->pack(*batch))});
  PURVEY_TRY(take(std::move(submitted), std::nullopt));
  note_verdicts(*batch);
  return {};
}

void ShopServer::note_verdicts(const EventBatch& batch) {
  for (const event::EventRow& row : batch.rows) {
    const std::string source(engine_->names().text(row.source));
    verdicts_[{source, std::string(batch.text(row.id))}] = event::verdict_name(row.verdict);
  }
}

Result<void> ShopServer::operate(const Operate& what, base::EventTime now) {
  PURVEY_TRY(commit_news());
  const Cells letters = PURVEY_TRY(ask(fmt::format(
      "select seq, raw from dead_letters where id = '{}' and state = 'open' order by seq",
      what.id)));
  if (letters.empty()) return base::not_found(fmt::format("no dead letter of {} is open", what.id));
  const auto command = std::make_shared<app::OperatorCommand>();
  command->verb = what.verb;
  if (what.verb == app::OperatorVerb::kRetry) command->events = std::make_shared<EventBatch>();
  // In what was kept, persons have pseudonyms already.
  event::JsonDecoder again(engine_->names(),
                           engine_->people(event::Pseudonymizer::Pseudonyms::kKept),
                           engine_->base_currency());
  for (const auto& letter : letters) {
    command->letters.push_back(std::stoll(letter[0].value()));
    if (command->events) decode(letter[1].value_or(""), again, *command->events);
  }
  std::vector<FlowEngine::Submitted> submitted;
  submitted.push_back({.command = command,
                       .done = [](const Result<void>&) {},
                       .received = now,
                       .body = PURVEY_TRY(engine_->pack(*command))});
  PURVEY_TRY(take(std::move(submitted), std::nullopt));
  if (command->events) note_verdicts(*command->events);
  return {};
}

Result<void> ShopServer::purge(const std::string& source, base::EventTime now) {
  PURVEY_TRY(stop(now));
  const auto purge =
      PURVEY_TRY(app::Purge::prepare({.data = folder_, .source = source}, configuration_));
  PURVEY_TRY(purge->run({}));
  return start(now);
}

Result<void> ShopServer::tick(base::EventTime now) {
  now_ = now;
  return take({}, now);
}

Result<void> ShopServer::take(std::vector<FlowEngine::Submitted> submitted,
                              std::optional<base::EventTime> tick) {
  return engine_->write_journal(std::move(submitted), tick,
                                [&](const auto& one) { engine_->count(one); });
}

Result<void> ShopServer::commit() {
  const auto results = PURVEY_TRY(engine_->prepare_commit(now_));
  PURVEY_TRY(engine_->write(results));
  return engine_->tidy(now_);
}

Result<void> ShopServer::commit_news() {
  return engine_->has_news() ? commit() : Result<void>();
}

Result<Cells> ShopServer::ask(const std::string& sql) {
  CellSink sink;
  if (engine_) {
    PURVEY_TRY(questions_->query(sql, {}, sink));
  } else {
    const auto store =
        PURVEY_TRY(store::depot::Store::open({.folder = folder_, .read_only = true}));
    PURVEY_TRY(store->query(sql, {}, sink));
  }
  return sink.take();
}

std::string ShopServer::last_verdict(const std::string& source, const std::string& id) const {
  const auto found = verdicts_.find({source, id});
  return found == verdicts_.end() ? "" : found->second;
}

std::string ShopServer::remembered_verdict(const std::string& source, const std::string& id) {
  const auto verdict = engine_->settled().verdict_of(source, id);
  return verdict ? std::string(event::verdict_name(*verdict)) : "";
}

}  // namespace purvey::scenarios
