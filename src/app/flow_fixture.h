#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "app/configuration.h"
#include "app/temporary_folder.h"
#include "store/depot/store.h"
#include "store/result/writers.h"

namespace purvey::app {

/// Makes events of a small shop, and asks data folders; everything lies in a folder that goes away
/// with the test.
class FlowFixture : public testing::Test {
 protected:
  FlowFixture() : folder_(*TemporaryFolder::make()), configuration_(*load_configuration({})) {}

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  static std::string event(const std::string& id, const std::string& type, int64_t second,
                           const std::string& data) {
    return fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/shop","type":"{}","time":"{}","data":{}}})"
        "\n",
        id, type, base::format_rfc3339({kStart + second * 1'000'000}), data);
  }

  static std::string placed(int order, int64_t second) {
    return event(fmt::format("p{}", order), "order.placed", second,
                 fmt::format(R"({{"order_id":"o{}","customer_id":"c{}","channel":"app",)"
                             R"("currency":"CNY","amount":{}.5,"lines":[{{"sku":"s{}","qty":2,)"
                             R"("price":1}}]}})",
                             order, order % 50, order, order % 7));
  }
  static std::string paid(int order, int64_t second) {
    return event(fmt::format("a{}", order), "order.paid", second,
                 fmt::format(R"({{"order_id":"o{}"}})", order));
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  /// A query's rows as CSV without its header.
  std::string ask(const std::string& data, const std::string& sql) const {
    auto store = store::depot::Store::open({.folder = path(data), .read_only = true});
    if (!store) return store.error().message;
    std::string text;
    const auto writer = store::result::make_csv_writer([&](std::string_view bytes) {
      text.append(bytes);
      return base::Result<void>();
    });
    const auto end = (*store)->query(sql, {}, *writer);
    if (!end) return end.error().message;
    (void)writer->finish();
    std::erase(text, '\r');
    text = text.substr(text.find('\n') + 1);
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

  std::string digest(const std::string& data) const {
    auto store = store::depot::Store::open({.folder = path(data), .read_only = true});
    if (!store) return store.error().message;
    return (*store)->digest().value_or("no digest");
  }

  static constexpr int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
  TemporaryFolder folder_;
  Configuration configuration_;
};

}  // namespace purvey::app
