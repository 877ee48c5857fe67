#include "store/facts/engine.h"

namespace purvey::store::facts {
namespace {

class DuckDb final : public Engine {
 public:
  base::Result<std::unique_ptr<PartWriter>> part_writer(
      const ParquetOptions& options) const override {
    return make_parquet_writer(options);
  }
  base::Result<std::unique_ptr<PartReader>> part_reader(
      const ParquetOptions& options) const override {
    return make_parquet_reader(options);
  }
  base::Result<std::unique_ptr<Facts>> facts(const FactsOptions& options) const override {
    return make_facts(options);
  }
};

}  // namespace

const Engine& Engine::duckdb() {
  static const DuckDb engine;
  return engine;
}

}  // namespace purvey::store::facts
