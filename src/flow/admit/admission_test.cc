#include "flow/admit/admission.h"

#include <gtest/gtest.h>

#include <numeric>

namespace purvey::flow {
namespace {

using event::Reason;
using event::Verdict;

class AdmissionTest : public testing::Test {
 protected:
  Verdict admit(uint64_t id, uint64_t payload, int64_t day = 1) {
    event::EventRow row;
    row.id_hash = id;
    row.payload_hash = payload << 3;  // the last bits are left out
    row.source = 1;
    row.time = {day * 86'400'000'000};
    return admission_.admit(batch_, row);
  }
  Verdict admit_refused(Verdict verdict, Reason reason, uint64_t id) {
    event::EventRow row;
    row.id_hash = id;
    row.refused = true;
    row.row = static_cast<uint32_t>(batch_.refusals.size());
    batch_.refusals.push_back({{verdict, reason, ""}, {}});
    return admission_.admit(batch_, row);
  }

  IdTable ids_;
  Admission admission_{ids_, {}, {.future = {100 * int64_t{86'400'000'000}}}};
  event::EventBatch batch_;
};

TEST_F(AdmissionTest, the_first_of_an_id_counts_and_later_ones_are_told_apart) {
  EXPECT_EQ(admit(1, 10), Verdict::kAccepted);
  EXPECT_EQ(admit(1, 10), Verdict::kDuplicate);
  EXPECT_EQ(admit(1, 11), Verdict::kConflict);
  EXPECT_EQ(admission_.reason(), Reason::kSameIdOtherPayload);
}

TEST_F(AdmissionTest, what_lies_in_the_future_is_quarantined) {
  EXPECT_EQ(admit(1, 1, 100), Verdict::kAccepted);
  EXPECT_EQ(admit(2, 1, 101), Verdict::kQuarantined);
  EXPECT_EQ(admission_.reason(), Reason::kFuture);
}

TEST_F(AdmissionTest, a_live_source_knows_late_and_too_old) {
  constexpr int64_t kDay = 86'400'000'000;
  admission_.set_horizon({.future = {100 * kDay}, .late = {50 * kDay}, .too_old = {49 * kDay}});
  EXPECT_EQ(admit(1, 1, 50), Verdict::kAccepted);
  EXPECT_EQ(admit(2, 1, 49), Verdict::kLate);
  EXPECT_EQ(admission_.reason(), Reason::kWindowsClosed);
  EXPECT_EQ(admit(2, 1, 49), Verdict::kDuplicate);
  EXPECT_EQ(admit(3, 1, 48), Verdict::kTooOld);
  EXPECT_EQ(admit(3, 1, 48), Verdict::kTooOld);  // never counted, so never a duplicate
  EXPECT_EQ(admission_.reason(), Reason::kBeyondHorizon);
  EXPECT_EQ(admit(1, 1, 50), Verdict::kDuplicate);
}

TEST_F(AdmissionTest, totals_come_back_as_they_were_saved) {
  base::Dictionary names;
  names.intern("/s");
  admit(1, 1);
  admit(1, 1);
  admit(2, 1, 101);
  std::string bytes;
  base::ByteWriter writer(bytes);
  admission_.save(writer, names);
  base::Dictionary other;
  other.intern("other");
  Admission back{ids_, {}, {}};
  base::ByteReader reader(bytes);
  back.load(reader, other);
  ASSERT_TRUE(reader.finish("totals"));
  const VerdictCounts expected = {1, 0, 1, 0, 0, 1, 0};
  EXPECT_EQ(back.totals().at(other.intern("/s")), expected);
}

TEST_F(AdmissionTest, what_became_of_an_event_can_be_asked) {
  constexpr int64_t kDay = 86'400'000'000;
  admission_.set_horizon({.future = {100 * kDay}, .late = {50 * kDay}, .too_old = {49 * kDay}});
  admit(1, 1, 50);
  admit(2, 1, 49);
  admit(3, 1, 101);
  admit(4, 1, 48);
  admit(1, 2, 50);
  EXPECT_EQ(ids_.find(1), Verdict::kAccepted);
  EXPECT_EQ(ids_.find(2), Verdict::kLate);
  EXPECT_EQ(ids_.find(3), Verdict::kQuarantined);
  EXPECT_EQ(ids_.find(4), std::nullopt);
}

TEST_F(AdmissionTest, a_catalogue_entry_is_never_too_old) {
  constexpr int64_t kDay = 86'400'000'000;
  admission_.set_horizon({.future = {100 * kDay}, .late = {50 * kDay}, .too_old = {49 * kDay}});
  event::EventRow row;
  row.id_hash = 9;
  row.kind = event::EventKind::kCatalogSku;
  row.time = {kDay};
  EXPECT_EQ(admission_.admit(batch_, row), Verdict::kAccepted);
  EXPECT_EQ(admission_.admit(batch_, row), Verdict::kDuplicate);
}

TEST_F(AdmissionTest, an_impossible_event_is_quarantined_once) {
  EXPECT_EQ(admit_refused(Verdict::kQuarantined, Reason::kOutOfRange, 5), Verdict::kQuarantined);
  EXPECT_EQ(admit_refused(Verdict::kQuarantined, Reason::kOutOfRange, 5), Verdict::kDuplicate);
}

TEST_F(AdmissionTest, what_was_quarantined_is_taken_once_when_it_comes_again_and_is_possible) {
  constexpr int64_t kDay = 86'400'000'000;
  EXPECT_EQ(admit(1, 1, 101), Verdict::kQuarantined);
  EXPECT_EQ(admit(1, 1, 101), Verdict::kDuplicate);  // still in the future
  EXPECT_EQ(admit(1, 2, 102), Verdict::kConflict);
  admission_.set_horizon({.future = {101 * kDay}});
  EXPECT_EQ(admit(1, 1, 101), Verdict::kAccepted);
  EXPECT_EQ(ids_.find(1), Verdict::kAccepted);
  EXPECT_EQ(admit(1, 1, 101), Verdict::kDuplicate);
  EXPECT_EQ(admit(1, 2, 101), Verdict::kConflict);
}

TEST_F(AdmissionTest, what_was_impossible_is_taken_under_its_id_when_it_was_mended) {
  EXPECT_EQ(admit_refused(Verdict::kQuarantined, Reason::kOutOfRange, 5), Verdict::kQuarantined);
  EXPECT_EQ(admit(5, 7), Verdict::kAccepted);
  EXPECT_EQ(admit(5, 7), Verdict::kDuplicate);
  EXPECT_EQ(admit_refused(Verdict::kQuarantined, Reason::kOutOfRange, 5), Verdict::kConflict);
}

TEST_F(AdmissionTest, a_rejected_event_never_takes_an_id) {
  EXPECT_EQ(admit_refused(Verdict::kRejected, Reason::kBadTime, 7), Verdict::kRejected);
  EXPECT_EQ(admit(7, 0), Verdict::kAccepted);
}

TEST_F(AdmissionTest, received_is_the_sum_of_the_verdicts_by_source_and_day_too) {
  for (uint64_t i = 0; i < 50; ++i) admit(i % 20 + 1, i % 3, static_cast<int64_t>(i % 4) * 60);
  admit_refused(Verdict::kRejected, Reason::kNotJson, 0);
  const auto& counts = admission_.counts();
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), uint64_t{0}), 51U);
  uint64_t sum = 0;
  for (const auto& [key, count] : admission_.quality()) sum += count;
  EXPECT_EQ(sum, 51U);
  EXPECT_EQ(admission_.quality().at({.verdict = Verdict::kRejected, .reason = Reason::kNotJson}),
            1U);
}

}  // namespace
}  // namespace purvey::flow
