#include "app/latest_kpis.h"

#include <algorithm>
#include <bit>

namespace purvey::app {

using flow::KpiRow;

void LatestKpis::note(const KpiRow& row) {
  if (!row.final) return;
  const auto [latest, is_new] = rows_.try_emplace({row.kpi, row.group, row.window_seconds}, row);
  if (row.window_start >= latest->second.window_start) latest->second = row;
}

std::vector<KpiRow> LatestKpis::rows() const {
  std::vector<KpiRow> rows;
  rows.reserve(rows_.size());
  for (const auto& [series, row] : rows_) rows.push_back(row);
  std::sort(rows.begin(), rows.end(), comes_before);
  return rows;
}

bool LatestKpis::comes_before(const KpiRow& a, const KpiRow& b) {
  const auto place = [](const KpiRow& row) {
    return std::tuple(row.kpi, row.group, row.window_seconds, row.window_start);
  };
  return place(a) < place(b);
}

void LatestKpis::save(base::ByteWriter& writer, const flow::Pack& pack) const {
  writer.varint(rows_.size());
  for (const KpiRow& row : rows()) {
    writer.text(pack.kpis[row.kpi].name);  // its place depends on the pack
    writer.varint(row.group);
    writer.zigzag(row.window_seconds);
    writer.zigzag(row.window_start.micros);
    writer.word(std::bit_cast<uint64_t>(row.value));
    writer.zigzag(row.n);
    writer.zigzag(row.revision);
  }
}

void LatestKpis::load(base::ByteReader& reader, const flow::Pack& pack) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const size_t place = pack.find(reader.text());
    KpiRow row{.kpi = static_cast<uint32_t>(place), .final = true};
    row.group = static_cast<uint32_t>(reader.varint());
    row.window_seconds = reader.zigzag();
    row.window_start = {reader.zigzag()};
    row.value = std::bit_cast<double>(reader.word());
    row.n = reader.zigzag();
    row.revision = reader.zigzag();
    if (reader.ok() && place < pack.kpis.size()) note(row);
  }
}

}  // namespace purvey::app
