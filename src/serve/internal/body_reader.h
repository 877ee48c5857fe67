#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/decompressor.h"
#include "serve/http_server.h"
#include "serve/internal/body_budget.h"
#include "serve/internal/judged.h"

namespace purvey::serve {

/// How a body is packed.
enum class Packing : uint8_t { kNone, kGzip, kZstd };

/// A body that comes in pieces, without the chunks of its transfer: unpacks it and keeps to the
/// limits before it takes memory. To be used by one thread.
class BodyReader {
 public:
  /// `announced`: bytes that the head promises, 0 if it does not say.
  BodyReader(Packing packing, uint64_t announced, const HttpLimits& limits,
             std::shared_ptr<BodyBudget> budget);

  /// Whether so many bytes more would be within the limit; 413 if not.
  Judged<void> expect(uint64_t bytes) const;

  /// Takes the next piece. Gives 400 for damage, 413 beyond a limit, 503 without room.
  Judged<void> take(std::string_view piece);

  /// Ends the body: 400 if it breaks off in the middle of a packed stream.
  Judged<std::string> finish();

  /// Bytes taken so far, as they came.
  uint64_t taken() const { return taken_; }

  /// What the body holds of the budget, until the request is answered.
  std::shared_ptr<BodyShare> share() const { return share_; }

 private:
  Judged<void> unpack(std::string_view piece);
  Judged<void> append(std::string_view bytes);
  size_t unpacked_most() const;

  const HttpLimits& limits_;
  const uint64_t announced_;
  const std::shared_ptr<BodyShare> share_;
  std::unique_ptr<base::Decompressor> decompressor_;  ///< null: the body is not packed
  uint64_t taken_ = 0;
  std::string body_;
};

}  // namespace purvey::serve
