#include "algo/sketch/hyperloglog.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace purvey::algo {
namespace {

constexpr unsigned kRankBits = 64 - HyperLogLog::kPrecision;
constexpr unsigned kRankMost = kRankBits + 1;  // all the bits that are left are 0

/// Registers by rank.
using Histogram = std::array<uint32_t, kRankMost + 1>;

/// x + sum over k >= 1 of x^(2^k) 2^(k-1): what registers still at 0 weigh. Formula names as in
/// the source.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double before = -1; z != before;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

/// (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 2^-k) / 3: what full registers weigh.
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; z != before;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

double estimate(const Histogram& registers_of) {
  constexpr double m = HyperLogLog::kRegisters;
  double z = m * tau(1 - registers_of[kRankMost] / m);
  for (unsigned rank = kRankBits; rank >= 1; --rank) z = 0.5 * (z + registers_of[rank]);
  z += m * sigma(registers_of[0] / m);
  return m * m / (2 * std::numbers::ln2 * z);
}

}  // namespace

void HyperLogLog::add(uint64_t hash) {
  if (!registers_.empty()) return raise(hash);
  const auto place = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (place != hashes_.end() && *place == hash) return;
  hashes_.insert(place, hash);
  if (hashes_.size() > kExactMost) make_registers();
}

void HyperLogLog::merge(const HyperLogLog& other) {
  for (const uint64_t hash : other.hashes_) add(hash);
  if (other.registers_.empty()) return;
  if (registers_.empty()) make_registers();
  for (size_t i = 0; i < kRegisters; ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

int64_t HyperLogLog::count() const {
  if (registers_.empty()) return static_cast<int64_t>(hashes_.size());
  Histogram registers_of{};
  for (const uint8_t rank : registers_) ++registers_of[rank];
  return std::llround(estimate(registers_of));
}

void HyperLogLog::raise(uint64_t hash) {
  const uint64_t rest = hash << kPrecision;
  const auto rank = static_cast<uint8_t>(rest == 0 ? kRankMost : std::countl_zero(rest) + 1);
  uint8_t& known = registers_[hash >> kRankBits];
  known = std::max(known, rank);
}

void HyperLogLog::make_registers() {
  registers_.resize(kRegisters);
  for (const uint64_t hash : hashes_) raise(hash);
  hashes_ = {};
}

void HyperLogLog::save(base::ByteWriter& writer) const {
  // 0: registers follow; else one more than the hashes that follow.
  writer.varint(is_exact() ? hashes_.size() + 1 : 0);
  for (const uint64_t hash : hashes_) writer.word(hash);
  for (const uint8_t rank : registers_) writer.varint(rank);
}

void HyperLogLog::load(base::ByteReader& reader) {
  const uint64_t form = reader.varint();
  form == 0 ? load_registers(reader) : load_hashes(reader, form - 1);
}

void HyperLogLog::load_hashes(base::ByteReader& reader, uint64_t count) {
  if (count > kExactMost) return reader.spoil();
  if (!reader.fits(count, sizeof(uint64_t))) return;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t hash = reader.word();
    if (!hashes_.empty() && hash <= hashes_.back()) return reader.spoil();
    hashes_.push_back(hash);
  }
}

void HyperLogLog::load_registers(base::ByteReader& reader) {
  if (!reader.fits(kRegisters, 1)) return;
  registers_.resize(kRegisters);
  for (uint8_t& rank : registers_) {
    const uint64_t read = reader.varint();
    if (read > kRankMost) return reader.spoil();
    rank = static_cast<uint8_t>(read);
  }
}

}  // namespace purvey::algo
