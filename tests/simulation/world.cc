#include "world.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/hash.h"
#include "clients.h"
#include "verification.h"

namespace purvey::simulation {
namespace {

using base::Result;

constexpr int64_t kBegin = 1'767'225'600 * kSecond;  // 2026-01-01T00:00:00Z
constexpr int kActionsMax = 200'000;
constexpr int kLivesMax = 12;

const app::Configuration& configuration() {
  static const app::Configuration loaded = *app::load_configuration({});
  return loaded;
}

ShopOptions shop_options(const RunOptions& options, Random& random) {
  ShopOptions shop{.begins_at = kBegin + random.between(0, kDay)};
  if (options.small) {
    shop.lasts = random.chance(0.5) ? 30 * kMinute : 30 * kHour;
    shop.orders = 5;
    shop.stock_moves = 4;
    return shop;
  }
  shop.lasts = random.pick(std::vector<int64_t>{30 * kMinute, 4 * kHour, 30 * kHour, 4 * kDay});
  shop.orders = static_cast<int>(random.between(3, 40));
  shop.stock_moves = static_cast<int>(random.between(0, 40));
  if (random.chance(0.3)) shop.slightly_late = 0.5;
  if (random.chance(0.3)) shop.hours_late = 0.2;
  if (random.chance(0.3)) shop.days_late = 0.1;
  if (random.chance(0.2)) shop.bad = 0.2;
  return shop;
}

std::vector<ShopEvent> make_shop_of(const RunOptions& options, Random& random) {
  const ShopOptions shop_of = shop_options(options, random);
  std::vector<ShopEvent> shop = make_shop(shop_of, random.fork());
  if (options.mutation != Mutation::kCent) return shop;
  const auto first = std::find_if(shop.begin(), shop.end(), [](const ShopEvent& event) {
    return event.type == "order.placed" && event.form == ShopEvent::Form::kGood;
  });
  const std::string id = first == shop.end() ? "" : first->id;
  for (ShopEvent& event : shop) {
    if (event.id == id) event = a_cent_more(event);
  }
  return shop;
}

/// How often each thing happens, relative to the others; a seed may starve any of them.
struct Pace {
  explicit Pace(Random& random) {
    for (double* weight : {&request, &answer, &journal, &count, &write, &behind, &merge, &time}) {
      *weight = random.chance(0.2) ? 0.05 : 1;
    }
    commit = random.pick(std::vector<double>{0.02, 0.1, 0.5});
    tick_every = random.pick(std::vector<int64_t>{kSecond, 30 * kSecond, 10 * kMinute});
    time_most = random.pick(std::vector<int64_t>{2 * kSecond, kMinute, 20 * kMinute});
  }
  double request = 1;
  double answer = 1;
  double journal = 1;
  double count = 1;
  double write = 1;
  double behind = 1;
  double merge = 1;
  double time = 1;
  double commit = 0.1;
  double hand_over = 0.05;
  double tidy = 0.1;
  double stop = 0.003;
  int64_t tick_every = kSecond;
  int64_t time_most = kMinute;
};

class World {
 public:
  explicit World(const RunOptions& options)
      : options_(options),
        random_(options.seed),
        settings_(configuration()),
        disk_(random_.next()),
        shop_(make_shop_of(options, random_)),
        pace_(random_),
        clients_(shop_, random_.fork()),
        now_(shop_.empty() ? kBegin : shop_.front().sent_at) {
    constexpr size_t kShards[] = {1, 1, 2, 4, 7};
    settings_.shards.shards = kShards[random_.below(std::size(kShards))];
    settings_.shards.threads = false;
    server_options_ = {
        .segment_bytes = random_.pick(std::vector<uint64_t>{1, 60'000, 200'000, 1U << 30}),
        .keep_journal = random_.chance(0.5),
        .merge_fan = random_.pick(std::vector<size_t>{2, 2, 3, 8}),
        .bytes_waiting_max = random_.pick(std::vector<uint64_t>{1'000, 1U << 20}),
        .clock = &now_,
        .disk = &disk_,
        .configuration = &settings_,
        .on_submit = [this](const std::string& body) { bodies_[body].insert(delivering_); },
    };
    disk_.keep_removed("/journal/segment-");
    disk_.set_verbose(options.verbose);
    set_mutation();
  }

  Outcome run() {
    while (!problem_ && !is_done_) {
      if (++actions_ > kActionsMax) {
        complain("it did not come to an end");
      } else if (server_) {
        act();
      } else {
        start();
      }
    }
    if (!problem_) verify();
    outcome_.problem = problem_;
    outcome_.steps = disk_.steps();
    outcome_.trace = disk_.trace();
    outcome_.events = shop_.size();
    return outcome_;
  }

 private:
  void complain(std::string what) {
    if (!problem_) problem_ = std::move(what);
  }
  void say(std::string_view what) const {
    if (options_.verbose) fmt::print(stderr, "-- {}\n", what);
  }

  void set_mutation() {
    switch (options_.mutation) {
      case Mutation::kJournalSyncs:
        return disk_.ignore_syncs_of(".db-wal");
      case Mutation::kPartSyncs:
        return disk_.ignore_syncs_of("/.part-");
      case Mutation::kFolderSyncs:
        return disk_.ignore_syncs_of("/journal/");
      case Mutation::kLedgerSyncs:
        return disk_.ignore_syncs_of("/state.db");
      case Mutation::kBatchTwice:
        server_options_.counts_a_batch_twice = true;
        return;
      case Mutation::kBatchForgotten:
        server_options_.forgets_a_batch = true;
        return;
      case Mutation::kCent:  // of the shop
      case Mutation::kNone:
        return;
    }
  }

  // --- lives of the server ---

  void start() {
    if (life_is_new_) plan();
    auto opened = SimServer::open(server_options_);
    if (opened) {
      say("the server is up");
      ++outcome_.lives;
      server_ = std::move(*opened);
      return;
    }
    if (disk_.is_down()) return end_life();
    const bool is_excused =
        disk_.has_failed() || is_full_ || life_.kind == Disturbance::Kind::kFault;
    const bool is_damage = opened.error().code == base::ErrorCode::kCorrupt ||
                           opened.error().code == base::ErrorCode::kConflict;
    if (!is_excused || is_damage) return complain("it does not start: " + opened.error().message);
    say("it does not start: " + opened.error().message);
    recover_from_trouble();
  }

  void plan() {
    life_is_new_ = false;
    life_ = next_disturbance();
    const uint64_t at = disk_.steps() + std::max<uint64_t>(life_.at, 1);
    switch (life_.kind) {
      case Disturbance::Kind::kNone:
        break;
      case Disturbance::Kind::kPowerCut:
      case Disturbance::Kind::kKill:
        disk_.plan_crash(at);
        break;
      case Disturbance::Kind::kFault:
        disk_.plan_fault(at, life_.fault);
        break;
      case Disturbance::Kind::kFullDisk:
        is_full_ = true;
        disk_.set_capacity(disk_.used() + life_.at);
        break;
    }
    ++lives_;
  }

  Disturbance next_disturbance() {
    using Kind = Disturbance::Kind;
    if (options_.disturbances) {
      const auto& all = *options_.disturbances;
      return static_cast<size_t>(lives_) < all.size() ? all[static_cast<size_t>(lives_)]
                                                      : Disturbance{};
    }
    if (lives_ >= kLivesMax || random_.chance(0.3)) return {};
    // Many lives end early, while they recover.
    const int64_t most = random_.chance(0.4) ? 40 : 600;
    Disturbance next{.at = static_cast<uint64_t>(random_.between(1, most)),
                     .survival = static_cast<Survival>(random_.below(kSurvivals))};
    const double kind = static_cast<double>(random_.below(100));
    next.kind = kind < 45   ? Kind::kPowerCut
                : kind < 65 ? Kind::kKill
                : kind < 85 ? Kind::kFault
                            : Kind::kFullDisk;
    next.fault = random_.chance(0.4)   ? Fault::kFailedSync
                 : random_.chance(0.5) ? Fault::kError
                                       : Fault::kFullDisk;
    if (next.kind == Kind::kFullDisk) next.at = static_cast<uint64_t>(random_.between(0, 400'000));
    return next;
  }

  /// The power is gone, or the process.
  void end_life() {
    server_.reset();
    if (lives_ == 1) outcome_.first_life_steps = disk_.steps();
    ++outcome_.crashes;
    const bool is_cut = life_.kind == Disturbance::Kind::kPowerCut;
    say(is_cut ? "power cut" : "killed");
    is_cut ? disk_.restart(life_.survival) : disk_.go_on();
    begin_life();
  }

  /// Something failed and ended the flow: the process ends by itself, or is killed.
  void recover_from_trouble() {
    ++outcome_.faults;
    if (random_.chance(0.3)) disk_.cut_power();
    server_.reset();
    if (disk_.is_down()) {
      // Half of the time the machine goes, too.
      random_.chance(0.5) ? disk_.restart(static_cast<Survival>(random_.below(kSurvivals)))
                          : disk_.go_on();
    }
    const bool stays_full = is_full_ && ++tries_on_full_ < 3;
    if (stays_full) {
      clients_.lose_connections(random_);
      return;
    }
    begin_life();
  }

  void begin_life() {
    if (is_full_) disk_.set_capacity(std::numeric_limits<uint64_t>::max());
    is_full_ = false;
    tries_on_full_ = 0;
    life_is_new_ = true;
    disk_.forget_plans();
    clients_.lose_connections(random_);
  }

  /// True if a turn went well; else the life has ended.
  bool check(const Result<void>& done) {
    if (disk_.is_down()) {
      end_life();
      return false;
    }
    if (done) return true;
    const bool is_excused = disk_.has_failed() || is_full_;
    if (!is_excused) {
      complain("it failed without a reason: " + done.error().message);
      return false;
    }
    say("it failed: " + done.error().message);
    recover_from_trouble();
    return false;
  }

  // --- what happens next ---

  struct Choice {
    double weight;
    void (World::*what)();
  };

  void act() {
    const bool has_answers = clients_.has_answers();
    const bool has_requests = clients_.has_requests();
    const Choice choices[] = {
        {has_requests ? pace_.request : 0, &World::deliver_request},
        {has_answers ? pace_.answer : 0, &World::deliver_answer},
        {server_->waiting() > 0 || is_tick_due() ? pace_.journal : 0, &World::keep_journal},
        {server_->counting() > 0 ? pace_.count : 0, &World::count},
        {server_->writing() > 0 ? pace_.write : 0, &World::write},
        {server_->is_busy_behind() ? pace_.behind : 0, &World::work_behind},
        {server_->is_merging() ? pace_.merge : 0, &World::merge_behind},
        {pace_.tidy, &World::tidy},
        {server_->has_news() ? pace_.commit : 0, &World::commit},
        {server_->has_news() ? pace_.hand_over : 0, &World::hand_over},
        {pace_.time, &World::let_time_pass},
        {pace_.stop, &World::stop_and_start},
    };
    double sum = 0;
    for (const Choice& choice : choices) sum += choice.weight;
    double at = static_cast<double>(random_.below(1'000'000)) / 1e6 * sum;
    for (const Choice& choice : choices) {
      if (choice.weight <= 0) continue;
      at -= choice.weight;
      if (at >= 0) continue;
      (this->*choice.what)();
      break;
    }
    if (server_ && clients_.are_done() && server_->waiting() == 0) finish();
  }

  bool is_tick_due() const { return now_ - last_tick_ >= pace_.tick_every || now_ < last_tick_; }

  void deliver_request() {
    const Message message = clients_.take_request(random_);
    delivering_ = message.batch;
    const size_t batch = message.batch;
    const auto life = lives_;
    server_->take_request(clients_.body(batch),
                          serve::Respond([this, batch, life](const serve::Response& answer) {
                            if (life != lives_ || disk_.is_down()) return;
                            if (answer.status == 202) acknowledged_.insert(batch);
                            clients_.answer(batch, answer.status, random_);
                          }));
    check({});
  }

  void deliver_answer() {
    const auto problem = clients_.take_answer(random_, now_);
    if (problem) complain(*problem);
  }

  void keep_journal() {
    const bool is_tick = is_tick_due();
    if (is_tick) last_tick_ = now_;
    const auto most = static_cast<size_t>(random_.between(1, 8));
    if (check(server_->keep_journal(most, is_tick))) check(server_->drop_covered());
  }

  void count() { check(server_->count_one()); }

  void write() { check(server_->write_one()); }
  void work_behind() {
    server_->work_behind();
    check({});
  }
  void merge_behind() {
    server_->merge_behind();
    check({});
  }
  void tidy() {
    const uint64_t before = server_->merges();
    if (check(server_->tidy())) outcome_.merges += server_->merges() - before;
  }
  void commit() { check(server_->commit()); }
  void hand_over() { server_->hand_over_rows(); }

  void let_time_pass() {
    if (random_.chance(0.01)) {
      now_ -= random_.between(0, 2 * kMinute);  // a clock that is set back
      return;
    }
    now_ += random_.between(0, pace_.time_most);
    const auto next = clients_.next_sending();
    if (next && *next > now_ && !clients_.is_anything_under_way()) now_ = *next;
    clients_.send(now_, random_);
  }

  void stop_and_start() {
    say("a stop");
    // A stop of a life that is to be disturbed may be, too.
    if (!check(server_->stop())) return;
    server_.reset();
    if (disk_.is_down()) return end_life();
    clients_.lose_connections(random_);
  }

  void finish() {
    say("the last stop");
    statuses_ = {};
    if (!check(server_->stop())) return;
    for (const ShopEvent& event : shop_) {
      if (event.order.empty()) continue;
      const auto order = server_->flow().shards().find_order(event.order);
      if (order) statuses_[event.order] = flow::order_status(*order);
    }
    server_.reset();
    if (disk_.is_down()) return end_life();
    if (lives_ == 1) outcome_.first_life_steps = disk_.steps();
    is_done_ = true;
  }

  void verify() {
    disk_.forget_plans();
    disk_.set_capacity(std::numeric_limits<uint64_t>::max());
    const Story story{.disk = &disk_,
                      .folder = server_options_.data,
                      .configuration = &settings_,
                      .clients = &clients_,
                      .bodies = &bodies_,
                      .acknowledged = &acknowledged_,
                      .statuses = &statuses_,
                      .random = random_.fork()};
    auto verdict = simulation::verify(story);
    if (!verdict) return complain(verdict.error().message);
    outcome_.digest = *verdict;
  }

  const RunOptions options_;
  Random random_;
  app::Configuration settings_;
  SimDisk disk_;
  const std::vector<ShopEvent> shop_;
  const Pace pace_;
  Clients clients_;
  int64_t now_;
  int64_t last_tick_ = 0;
  ServerOptions server_options_;
  std::unique_ptr<SimServer> server_;

  Disturbance life_;
  bool life_is_new_ = true;
  bool is_full_ = false;
  int tries_on_full_ = 0;
  int lives_ = 0;
  int actions_ = 0;
  bool is_done_ = false;

  size_t delivering_ = 0;
  std::map<std::string, std::set<size_t>> bodies_;  ///< of records: batches that say so
  std::set<size_t> acknowledged_;
  std::map<std::string, std::string> statuses_;
  std::optional<std::string> problem_;
  Outcome outcome_;
};

}  // namespace

Outcome run(const RunOptions& options) {
  World world(options);
  return world.run();
}

}  // namespace purvey::simulation
