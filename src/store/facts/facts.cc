#include "store/facts/facts.h"

#include <fmt/core.h>

#include "store/facts/internal/digest.h"
#include "store/facts/internal/export.h"
#include "store/facts/internal/projection.h"
#include "store/facts/internal/query.h"

namespace purvey::store::facts {
namespace {

using base::Result;
using internal::OpenOptions;
using internal::Session;

class DuckFacts final : public Facts {
 public:
  explicit DuckFacts(const FactsOptions& options) : options_(options), projection_(options) {
    if (!options.shared) projection_.clear_spilled();
  }

  Result<QueryEnd> query(const Committed& committed, std::string_view sql,
                         const QueryLimits& limits, ResultSink& sink) override {
    const Session session =
        PURVEY_TRY(projection_.open(committed, {.memory_limit_mb = limits.memory_mb}));
    return internal::run_query(session, sql, limits, sink);
  }

  Result<std::string> digest(const Committed& committed) override {
    // Only our own SELECTs run: comparing the path of each part with the jail costs 5 % here.
    const OpenOptions options{.memory_limit_mb = options_.memory_limit_mb, .jailed = false};
    const Session session = PURVEY_TRY(projection_.open(committed, options));
    return internal::compute_digest(session);
  }

  Result<void> export_parquet(const Committed& committed, const std::string& folder) override {
    return export_as(committed, folder, internal::ExportFormat::kParquet);
  }
  Result<void> export_csv(const Committed& committed, const std::string& folder) override {
    return export_as(committed, folder, internal::ExportFormat::kCsv);
  }

 private:
  Result<void> export_as(const Committed& committed, const std::string& folder,
                         internal::ExportFormat format) {
    const OpenOptions options{.memory_limit_mb = options_.memory_limit_mb, .jailed = false};
    const Session session = PURVEY_TRY(projection_.open(committed, options));
    return internal::export_all(session, folder, format);
  }

  const FactsOptions options_;
  internal::Projection projection_;
};

/// DuckDB reads the name of a zone only when it meets it in a query.
Result<void> check_timezone(const std::string& timezone) {
  const Session session = PURVEY_TRY(internal::open_session({}));
  const auto known = internal::run(
      session,
      fmt::format("SELECT TIMESTAMP '2000-01-01' AT TIME ZONE {}", internal::sql_text(timezone)));
  if (known) return {};
  return base::invalid_input(fmt::format(
      "time zone '{}' is not known; write an IANA name such as Asia/Shanghai", timezone));
}

}  // namespace

Result<std::unique_ptr<Facts>> make_facts(const FactsOptions& options) {
  if (options.timezone != "UTC") PURVEY_TRY(check_timezone(options.timezone));
  return std::unique_ptr<Facts>(std::make_unique<DuckFacts>(options));
}

}  // namespace purvey::store::facts
