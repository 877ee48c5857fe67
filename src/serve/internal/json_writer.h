#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/json_text.h"

namespace purvey::serve {

/// Writes a JSON document from front to back. Whoever calls sees to it that what begins also ends.
class JsonWriter {
 public:
  void begin_object() { begin('{'); }
  void begin_object(std::string_view name) {
    write_name(name);
    out_ += '{';
    is_first_ = true;
  }
  void begin_array(std::string_view name) {
    write_name(name);
    out_ += '[';
    is_first_ = true;
  }
  void end_object() { end('}'); }
  void end_array() { end(']'); }

  void text(std::string_view name, std::string_view value) {
    write_name(name);
    base::append_json_string(out_, value);
  }

  /// A value that is JSON already.
  void raw(std::string_view name, std::string_view json) {
    write_name(name);
    out_ += json;
  }

  std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!is_first_) out_ += ',';
    is_first_ = false;
  }
  void write_name(std::string_view name) {
    separate();
    base::append_json_string(out_, name);
    out_ += ':';
  }
  void begin(char bracket) {
    separate();
    out_ += bracket;
    is_first_ = true;
  }
  void end(char bracket) {
    out_ += bracket;
    is_first_ = false;
  }

  std::string out_;
  bool is_first_ = true;
};

}  // namespace purvey::serve
