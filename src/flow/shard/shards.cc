#include "flow/shard/shards.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "flow/shard/internal/row_sink.h"
#include "flow/shard/internal/shard_threads.h"

namespace purvey::flow {
namespace {

using internal::Shard;
using internal::ShardThreads;
using internal::ShardWork;

// Of the slowest shard: enough to even out, few enough for caches.
constexpr size_t kWorksAhead = 4;

int64_t power_of_ten(int exponent) {
  return exponent == 0 ? 1 : 10 * power_of_ten(exponent - 1);
}

}  // namespace

class Shards::Impl {
 public:
  Impl(const ShardOptions& options, const Pack& pack, base::Dictionary& names, base::SiteZone zone,
       BaseMoney& money, OnStep on_step)
      : names_(names),
        money_(money),
        on_step_(std::move(on_step)),
        board_(pack, names, std::move(zone)),
        sink_(board_) {
    PURVEY_CHECK(options.shards >= 1 && options.shards <= 256, "shards: 1 to 256");
    if (money_.base()) set_scale();
    if (options.shards == 1) {
      single_ = std::make_unique<EventObserver>(sink_, money, names, pack.expect);
      return;
    }
    for (size_t i = 0; i < options.shards; ++i) {
      shards_.push_back(std::make_unique<Shard>(pack, names, money,
                                                KeyShare{.shard = i, .shards = options.shards}));
    }
    groups_.resize(options.shards);
    if (options.threads) threads_ = std::make_unique<ShardThreads>(shards_);
  }

  void begin(std::shared_ptr<const event::EventBatch> batch) {
    batch_ = std::move(batch);
    if (single_) return;
    work_ = std::make_shared<ShardWork>();
    work_->batch = batch_;
  }

  void take(size_t place) {
    const event::EventRow& row = batch_->rows[place];
    if (!money_.base()) learn_base(row);
    if (!single_) return work_->rows.push_back(static_cast<uint32_t>(place));
    sink_.begin(row);
    single_->observe_others(*batch_, row, single_->observe_order(*batch_, row));
  }

  void observe(const Signal& signal, const Dimensions& dimensions) {
    if (single_) return board_.add(signal, dimensions);
    const bool is_between = work_ == nullptr;
    if (is_between) begin(std::make_shared<event::EventBatch>());
    work_->observed.push_back({work_->marks.size(), signal, dimensions});
    if (is_between) end();
  }

  void step(const FlowStep& step) {
    if (single_) return on_step_(step);
    if (work_) return work_->marks.push_back({work_->rows.size(), step});
    // A tick between two batches.
    begin(std::make_shared<event::EventBatch>());
    work_->marks.push_back({0, step});
    end();
  }

  void end() {
    batch_.reset();
    if (single_) return;
    const auto work = std::exchange(work_, nullptr);
    if (work->rows.empty() && work->marks.empty() && work->observed.empty()) return;
    hand_over(work);
    while (under_way_.size() > kWorksAhead) take_first();
    collect();
  }

  void collect() {
    while (!under_way_.empty() && under_way_.front()->is_finished()) take_first();
  }

  void settle() {
    while (!under_way_.empty()) take_first();
  }

  void prefetch(const event::EventBatch& batch, const event::EventRow& row) const {
    if (single_) single_->prefetch(batch, row);
  }
  void prefetch_state(const event::EventBatch& batch, const event::EventRow& row) const {
    if (single_) single_->prefetch_state(batch, row);
  }

  KpiBoard& board() { return board_; }

  std::optional<KnownOrder> find_order(std::string_view order_id) const {
    return observer_of(base::hash64(order_id)).find_order(order_id);
  }
  KnownStock stock_of(uint32_t sku, uint32_t warehouse) const {
    KnownStock sum;
    visit_observers([&](const EventObserver& observer) {
      const KnownStock part = observer.stock_of(sku, warehouse);
      if (part.on_hand) sum.on_hand = part.on_hand;
      if (part.stated_reserved) sum.stated_reserved = part.stated_reserved;
      sum.held += part.held;
      sum.in_transit += part.in_transit;
    });
    return sum;
  }

  std::vector<uint32_t> warehouses_of(uint32_t sku) const {
    std::vector<uint32_t> all;
    visit_observers([&](const EventObserver& observer) {
      const auto some = observer.warehouses_of(sku);
      all.insert(all.end(), some.begin(), some.end());
    });
    std::sort(all.begin(), all.end(), [&](uint32_t left, uint32_t right) {
      return names_.text(left) < names_.text(right);
    });
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  uint64_t unconverted() const {
    uint64_t sum = money_.unconverted();
    for (const auto& shard : shards_) sum += shard->money().unconverted();
    return sum;
  }

  void save(base::ByteWriter& writer) {
    writer.varint(std::max<size_t>(shards_.size(), 1));
    const auto save_one = [&](const EventObserver& observer) {
      std::string bytes;
      base::ByteWriter section(bytes);
      observer.save(section);
      writer.text(bytes);
    };
    if (single_) save_one(*single_);
    for (const auto& shard : shards_) save_one(shard->observer());
    board_.save(writer);
  }

  base::Result<void> load(base::ByteReader& reader) {
    const uint64_t sections = reader.varint();
    for (uint64_t i = 0; i < sections && reader.ok(); ++i) {
      const std::string_view section = reader.text();
      if (single_) PURVEY_TRY(load_section(section, *single_));
      for (const auto& shard : shards_) PURVEY_TRY(load_section(section, shard->observer()));
    }
    PURVEY_TRY(board_.load(reader, names_));
    if (money_.base()) set_scale();
    return {};
  }

 private:
  const EventObserver& observer_of(uint64_t hash) const {
    if (single_) return *single_;
    return shards_[KeyShare::owner(hash, shards_.size())]->observer();
  }

  template <class Visit>
  void visit_observers(const Visit& visit) const {
    if (single_) visit(*single_);
    for (const auto& shard : shards_) visit(std::as_const(*shard).observer());
  }

  void learn_base(const event::EventRow& row) {
    const auto currency = EventObserver::counted_currency(*batch_, row);
    if (!currency) return;
    money_.set_base(*currency);
    set_scale();
  }
  void set_scale() { board_.set_money_scale(power_of_ten(money_.base()->decimals())); }

  void hand_over(const std::shared_ptr<ShardWork>& work) {
    work->base = money_.base();
    work->first_placings.resize(work->rows.size());
    work->of_orders.resize(shards_.size());
    work->of_others.resize(shards_.size());
    work->unfinished = shards_.size();
    under_way_.push_back(work);
    threads_ ? threads_->put(work) : run_inline(shards_, *work);
  }

  /// Waits for the oldest work, and takes its steps.
  void take_first() {
    const auto work = std::move(under_way_.front());
    under_way_.pop_front();
    work->wait();
    work->rethrow();
    for (size_t shard = 0; shard < shards_.size(); ++shard) {
      for (const KpiDelta& delta : work->of_orders[shard]) board_.meet(delta, groups_[shard]);
      for (const KpiDelta& delta : work->of_others[shard]) board_.meet(delta, groups_[shard]);
    }
    auto observed = work->observed.begin();
    for (size_t segment = 0; segment <= work->marks.size(); ++segment) {
      for (; observed != work->observed.end() && observed->segment == segment; ++observed) {
        board_.add(observed->signal, observed->dimensions);
      }
      for (size_t shard = 0; shard < shards_.size(); ++shard) {
        board_.apply(work->of_orders[shard][segment], groups_[shard]);
        board_.apply(work->of_others[shard][segment], groups_[shard]);
      }
      if (segment < work->marks.size()) on_step_(work->marks[segment].step);
    }
  }

  base::Result<void> load_section(std::string_view bytes, EventObserver& observer) {
    base::ByteReader section(bytes);
    observer.load(section, names_);
    return section.finish("saved state");
  }

  base::Dictionary& names_;
  BaseMoney& money_;
  const OnStep on_step_;
  KpiBoard board_;
  internal::RowSink<KpiBoard> sink_;       ///< of a single shard
  std::unique_ptr<EventObserver> single_;  ///< of a single shard, which needs no works

  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<GroupNumbers> groups_;  ///< of the board, by shard
  std::deque<std::shared_ptr<ShardWork>> under_way_;
  std::shared_ptr<const event::EventBatch> batch_;
  std::shared_ptr<ShardWork> work_;        ///< between begin() and end()
  std::unique_ptr<ShardThreads> threads_;  // the last member: its threads end first
};

Shards::Shards(const ShardOptions& options, const Pack& pack, base::Dictionary& names,
               base::SiteZone zone, BaseMoney& money, OnStep on_step)
    : impl_(std::make_unique<Impl>(options, pack, names, std::move(zone), money,
                                   std::move(on_step))) {}
Shards::~Shards() = default;

void Shards::begin(std::shared_ptr<const event::EventBatch> batch) {
  impl_->begin(std::move(batch));
}
void Shards::take(size_t row) {
  impl_->take(row);
}
void Shards::observe(const Signal& signal, const Dimensions& dimensions) {
  impl_->observe(signal, dimensions);
}
void Shards::step(const FlowStep& step) {
  impl_->step(step);
}
void Shards::end() {
  impl_->end();
}
void Shards::collect() {
  impl_->collect();
}
void Shards::settle() {
  impl_->settle();
}
void Shards::prefetch(const event::EventBatch& batch, const event::EventRow& row) const {
  impl_->prefetch(batch, row);
}
void Shards::prefetch_state(const event::EventBatch& batch, const event::EventRow& row) const {
  impl_->prefetch_state(batch, row);
}
KpiBoard& Shards::board() {
  return impl_->board();
}
const KpiBoard& Shards::board() const {
  return impl_->board();
}
std::optional<KnownOrder> Shards::find_order(std::string_view order_id) const {
  return impl_->find_order(order_id);
}
KnownStock Shards::stock_of(uint32_t sku, uint32_t warehouse) const {
  return impl_->stock_of(sku, warehouse);
}
std::vector<uint32_t> Shards::warehouses_of(uint32_t sku) const {
  return impl_->warehouses_of(sku);
}
uint64_t Shards::unconverted() const {
  return impl_->unconverted();
}
void Shards::save(base::ByteWriter& writer) const {
  impl_->save(writer);
}
base::Result<void> Shards::load(base::ByteReader& reader) {
  return impl_->load(reader);
}

}  // namespace purvey::flow
