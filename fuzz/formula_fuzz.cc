// Formulas and metric packs from any bytes: what is read can be evaluated, what is not says why.
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/toml.h"
#include "flow/metric/formula.h"
#include "flow/metric/pack.h"

namespace purvey::flow {
namespace {

void check_formula(std::string_view text) {
  const auto formula = Formula::parse(text);
  if (!formula) {
    PURVEY_CHECK(!formula.error().message.empty(), "an error without a message");
    return;
  }
  size_t asked = 0;
  const Amount amount = formula->evaluate([&](const Term&) {
    ++asked;
    return Amount{.value = static_cast<double>(asked), .n = 1};
  });
  PURVEY_CHECK(asked == formula->terms().size(), "terms that nobody asked for");
  PURVEY_CHECK(amount.n >= 0, "fewer than no observations");
}

void check_pack(std::string_view text) {
  const auto document = base::parse_toml(text, "pack.toml");
  if (!document) return;
  const auto pack = read_pack(*document);
  if (!pack) {
    PURVEY_CHECK(pack.error().message.starts_with("pack.toml:"), "an error without its place");
    return;
  }
  for (const Kpi& kpi : pack->kpis) {
    PURVEY_CHECK(&pack->kpis[pack->find(kpi.name)] == &kpi, "two KPIs of one name");
    PURVEY_CHECK(!kpi.splits.empty() && kpi.splits.front().empty(), "a KPI without a total");
  }
}

}  // namespace
}  // namespace purvey::flow

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find('=') == text.npos) {
    purvey::flow::check_formula(text);
  } else {
    purvey::flow::check_pack(text);
  }
  return 0;
}
