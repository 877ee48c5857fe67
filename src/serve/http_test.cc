#include "serve/http.h"

#include <gtest/gtest.h>

namespace purvey::serve {
namespace {

TEST(HttpTest, errors_have_one_form) {
  const Response response = error_response(413, "too_large", "body: 9 bytes, \"8\"\nat most");
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            R"({"error":{"code":"too_large","message":"body: 9 bytes, \"8\" at most"}})");
}

TEST(HttpTest, an_error_becomes_the_status_of_what_can_be_done) {
  EXPECT_EQ(error_response(base::invalid_input("x")).status, 400);
  EXPECT_EQ(error_response(base::not_found("x")).status, 404);
  EXPECT_EQ(error_response(base::conflict("x")).status, 409);
  EXPECT_EQ(error_response(base::corrupt("x")).status, 500);
  for (const Response& later :
       {error_response(base::exhausted("x")), error_response(base::unavailable("x"))}) {
    ASSERT_EQ(later.headers.size(), 1U);
    EXPECT_EQ(later.headers[0].name, "Retry-After");
  }
}

TEST(HttpTest, header_lines_are_found_without_regard_to_case) {
  const Request request{.path = "/", .header_lines = "Accept: text/csv\r\nX-a:  b \r\nx-A: c\r\n"};
  EXPECT_EQ(request.header("accept"), "text/csv");
  EXPECT_EQ(request.header("x-a"), "b");
  EXPECT_EQ(request.header("x"), std::nullopt);
}

TEST(HttpTest, an_answer_is_given_once) {
  int answers = 0;
  {
    Respond respond([&](const Response&) { ++answers; });
    Respond moved = std::move(respond);
    moved({});
  }
  EXPECT_EQ(answers, 1);
}

TEST(HttpTest, an_answer_that_is_dropped_is_500) {
  int status = 0;
  {
    const Respond dropped([&](const Response& response) { status = response.status; });
  }
  EXPECT_EQ(status, 500);
}

TEST(HttpTest, an_answer_in_place_of_another_does_not_lose_it) {
  std::vector<int> statuses;
  {
    const auto note = [&](const Response& response) { statuses.push_back(response.status); };
    Respond first(note);
    first = Respond(note);
    EXPECT_EQ(statuses, std::vector<int>({500}));
    first({.status = 202});
  }
  EXPECT_EQ(statuses, std::vector<int>({500, 202}));
}

}  // namespace
}  // namespace purvey::serve
