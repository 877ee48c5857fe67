#pragma once

#include <prometheus/registry.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/event_intake.h"
#include "app/flow_engine.h"
#include "app/live_flow.h"
#include "base/check.h"
#include "random.h"
#include "sim_disk.h"
#include "sim_engine.h"

namespace purvey::simulation {

/// Does what is put behind when the scheduler, or whoever waits for it, says so.
class SimBehind final : public base::Behind {
 public:
  void start(std::function<void()> work) override {
    wait();
    work_ = std::move(work);
  }
  void wait() override {
    if (work_) std::exchange(work_, nullptr)();
  }
  bool is_busy() const { return static_cast<bool>(work_); }

 private:
  std::function<void()> work_;
};

struct ServerOptions {
  std::string data = "/data";
  uint64_t segment_bytes = 64U << 20;
  bool keep_journal = false;
  size_t merge_fan = 8;  ///< of the archive's parts
  uint64_t bytes_waiting_max = 1U << 20;
  const int64_t* clock = nullptr;  ///< microseconds of the wall
  SimDisk* disk = nullptr;
  const app::Configuration* configuration = nullptr;
  /// Bugs put in by hand, of one batch each (see Mutation).
  bool forgets_a_batch = false;
  bool counts_a_batch_twice = false;
  /// Told of each batch that waits for the journal, and the body of its record.
  std::function<void(const std::string& body)> on_submit;
};

/// One life of a server, from start to stop or crash, on one thread: the product's intake and
/// engine, with the queues between its duties here. Each call is one turn of one of its threads.
class SimServer final : public app::LiveFlow {
 public:
  static base::Result<std::unique_ptr<SimServer>> open(const ServerOptions& options);

  // --- app::LiveFlow, for the intake ---

  base::Dictionary& names() override { return engine_->names(); }
  event::Pseudonymizer people(event::Pseudonymizer::Pseudonyms pseudonyms) const override {
    return engine_->people(pseudonyms);
  }
  std::optional<base::Currency> base_currency() const override { return engine_->base_currency(); }
  base::Result<void> submit(app::Submission submission) override;
  base::Result<void> ask(std::function<void(const app::FlowState&)> question) override;
  std::optional<base::Error> failure() const override { return std::nullopt; }
  base::Result<void> when_committed(std::function<void(const base::Result<void>&)>) override {
    return base::unsupported("nobody asks in the simulation");
  }
  store::depot::Questions& questions() override {
    base::check_failed("questions", "nobody asks in the simulation");
  }
  base::Result<void> announce(const store::depot::Announcement&) override { return {}; }
  store::depot::UpkeepReport upkeep() const override { return engine_->upkeep_report(); }
  std::optional<std::string> refusal() const override { return engine_->refusal(); }
  base::Result<void> stop() override;

  // --- turns ---

  void take_request(std::string body, serve::Respond respond);
  /// Up to `most` batches of those that wait, and perhaps a tick.
  base::Result<void> keep_journal(size_t most, bool with_tick);
  base::Result<void> drop_covered() { return engine_->drop_covered(); }
  base::Result<void> count_one();
  void hand_over_rows();
  base::Result<void> commit();
  base::Result<void> write_one();
  void work_behind() { behind_->wait(); }
  void merge_behind() { merging_->wait(); }
  base::Result<void> tidy() { return engine_->tidy({*options_.clock}); }

  size_t waiting() const { return waiting_.size(); }
  /// Records that wait to be counted; the recovery is one more, before them all.
  size_t counting() const { return counting_.size() + (is_recovered_ ? 0 : 1); }
  size_t writing() const { return writing_.size(); }
  bool is_busy_behind() const { return behind_->is_busy(); }
  bool is_merging() const { return merging_->is_busy(); }
  uint64_t merges() const { return engine_->upkeep_report().merges; }
  bool has_news() const { return is_recovered_ && engine_->has_news(); }
  const app::FlowState& flow() { return engine_->settled(); }

 private:
  explicit SimServer(const ServerOptions& options) : options_(options), ground_(*options.disk) {}
  base::Result<void> open();
  base::Result<void> recover();

  ServerOptions options_;
  const SimEngine ground_;
  std::shared_ptr<SimBehind> behind_ = std::make_shared<SimBehind>();
  std::shared_ptr<SimBehind> merging_ = std::make_shared<SimBehind>();
  prometheus::Registry metrics_;
  std::unique_ptr<app::FlowEngine> engine_;
  std::unique_ptr<app::EventIntake> intake_;

  std::vector<app::FlowEngine::Submitted> waiting_;
  uint64_t bytes_waiting_ = 0;
  bool is_recovered_ = false;
  std::deque<app::FlowEngine::Journaled> counting_;
  std::deque<app::FlowEngine::Results> writing_;
};

}  // namespace purvey::simulation
