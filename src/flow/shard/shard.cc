#include "flow/shard/shard.h"

#include "flow/track/event_observer.h"

namespace purvey::flow {
namespace {

int64_t power_of_ten(int exponent) {
  return exponent == 0 ? 1 : 10 * power_of_ten(exponent - 1);
}

}  // namespace

class Shard::Impl : private SignalSink {
 public:
  Impl(const Pack& pack, base::Dictionary& names, base::SiteZone zone, BaseMoney& money)
      : names_(names),
        money_(money),
        board_(pack, names, std::move(zone)),
        observer_(*this, money, names) {}

  void take(const event::EventBatch& batch, const event::EventRow& row) {
    board_.focus(row.time);
    observer_.observe(batch, row);
    if (!scaled_) set_scale();
  }

  const EventObserver& observer() const { return observer_; }

  void save(base::ByteWriter& writer) const {
    observer_.save(writer);
    board_.save(writer);
  }

  base::Result<void> load(base::ByteReader& reader) {
    observer_.load(reader, names_);
    PURVEY_TRY(board_.load(reader, names_));
    set_scale();
    return {};
  }

  KpiBoard& board() { return board_; }

 private:
  void add(const Signal& signal, const Dimensions& dimensions) override {
    board_.add(signal, dimensions);
  }
  void move(const Signal& signal, const Dimensions& from, const Dimensions& to) override {
    board_.move(signal, from, to);
  }

  void set_scale() {
    if (!money_.base()) return;
    board_.set_money_scale(power_of_ten(money_.base()->decimals()));
    scaled_ = true;
  }

  base::Dictionary& names_;
  BaseMoney& money_;
  KpiBoard board_;
  EventObserver observer_;
  bool scaled_ = false;
};

Shard::Shard(const Pack& pack, base::Dictionary& names, base::SiteZone zone, BaseMoney& money)
    : impl_(std::make_unique<Impl>(pack, names, std::move(zone), money)) {}

Shard::~Shard() = default;

void Shard::set_allowed_lateness(base::Micros lateness) {
  impl_->board().set_allowed_lateness(lateness);
}
void Shard::take(const event::EventBatch& batch, const event::EventRow& row) {
  impl_->take(batch, row);
}
void Shard::prefetch(const event::EventBatch& batch, const event::EventRow& row) const {
  impl_->observer().prefetch(batch, row);
}
void Shard::prefetch_state(const event::EventBatch& batch, const event::EventRow& row) const {
  impl_->observer().prefetch_state(batch, row);
}
void Shard::step(base::EventTime watermark, std::vector<KpiRow>& rows) {
  impl_->board().advance(watermark, rows);
}
void Shard::revise(std::vector<KpiRow>& rows) {
  impl_->board().revise(rows);
}
void Shard::publish_open(base::EventTime time, std::vector<KpiRow>& rows) {
  impl_->board().publish_open(time, rows);
}
const KpiBoard& Shard::board() const {
  return impl_->board();
}
std::optional<KnownOrder> Shard::find_order(std::string_view order_id) const {
  return impl_->observer().find_order(order_id);
}
std::optional<int64_t> Shard::on_hand(uint32_t sku, uint32_t warehouse) const {
  return impl_->observer().on_hand(sku, warehouse);
}
void Shard::save(base::ByteWriter& writer) const {
  impl_->save(writer);
}
base::Result<void> Shard::load(base::ByteReader& reader) {
  return impl_->load(reader);
}

}  // namespace purvey::flow
