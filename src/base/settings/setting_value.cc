#include "base/settings/setting_value.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/closest_name.h"
#include "base/money.h"
#include "base/settings/byte_size.h"
#include "base/settings/duration.h"
#include "base/site_zone.h"

namespace purvey::base {
namespace {

template <class Texts>
std::string listed(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// Types whose values need no quotes in the file.
bool stands_bare(KeyType type) {
  return type == KeyType::kBoolean || type == KeyType::kInteger || type == KeyType::kNumber ||
         type == KeyType::kTexts || type == KeyType::kTextMap;
}

std::string literal(KeyType type, std::string_view text) {
  return stands_bare(type) ? std::string(text) : quoted(text);
}

/// The name of the type alone, as errors say what they expected.
std::string_view expected_name(KeyType type) {
  switch (type) {
    case KeyType::kBoolean:
      return "true or false";
    case KeyType::kInteger:
      return "a whole number";
    case KeyType::kNumber:
      return "a number";
    case KeyType::kText:
      return "a text in quotes";
    case KeyType::kChoice:
      return "a word in quotes";
    case KeyType::kDuration:
      return "a duration in quotes";
    case KeyType::kSize:
      return "a size in quotes";
    case KeyType::kZone:
      return "a time zone in quotes";
    case KeyType::kCurrency:
      return "a currency in quotes";
    case KeyType::kTexts:
      return "an array of texts";
    case KeyType::kTextMap:
      return "a table of texts";
  }
  return "";
}

template <class T>
Result<SettingValue> held(Result<T> value) {
  if (!value) return std::move(value).error();
  SettingValue setting;
  setting.emplace<T>(*std::move(value));
  return setting;
}

/// As held(), naming the place for an error that knows none.
template <class T>
Result<SettingValue> held_at(const TomlNode& node, Result<T> value) {
  if (!value) return node.error(value.error().message);
  return held(std::move(value));
}

Result<SettingValue> read_choice(const KeySpec& spec, const TomlNode& node, std::string text) {
  const auto choices = setting_choices(spec);
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
    return SettingValue(std::move(text));
  }
  std::string what = fmt::format("{} is none of {}", node.shown(), listed(choices));
  const std::string_view meant = closest_name(text, choices);
  if (!meant.empty()) what += fmt::format("; did you mean \"{}\"?", meant);
  return node.error(what);
}

Result<SettingValue> read_text_map(const TomlNode& node, const std::string& example) {
  if (node.kind() != TomlKind::kTable) {
    return node.unexpected(expected_name(KeyType::kTextMap), example);
  }
  TextMap map;
  for (const TomlNode& item : node.items()) {
    map.emplace_back(item.key(), PURVEY_TRY(item.as_string("\"text\"")));
  }
  return SettingValue(std::move(map));
}

/// Values of the types that stand in quotes.
Result<SettingValue> read_quoted(const KeySpec& spec, const TomlNode& node,
                                 const std::string& example) {
  if (node.kind() != TomlKind::kString) return node.unexpected(expected_name(spec.type), example);
  std::string text = PURVEY_TRY(node.as_string(example));
  if (spec.type == KeyType::kDuration) return held_at(node, parse_duration(text));
  if (spec.type == KeyType::kSize) return held_at(node, parse_byte_size(text));
  if (spec.type == KeyType::kChoice) return read_choice(spec, node, std::move(text));
  if (spec.type == KeyType::kZone && !SiteZone::find(text)) {
    return node.error(fmt::format(
        "unknown time zone {}; write a name such as \"Asia/Shanghai\" or \"UTC\"", node.shown()));
  }
  if (spec.type == KeyType::kCurrency && !Currency::find(text)) {
    return node.error(
        fmt::format("unknown currency {}; write a code of ISO 4217 such as \"CNY\"", node.shown()));
  }
  return SettingValue(std::move(text));
}

Result<SettingValue> read_unbounded(const KeySpec& spec, const TomlNode& node) {
  const std::string example = setting_example(spec);
  switch (spec.type) {
    case KeyType::kBoolean:
      return held(node.as_boolean(example));
    case KeyType::kInteger:
      return held(node.as_integer(example));
    case KeyType::kNumber:
      return held(node.as_number(example));
    case KeyType::kTexts:
      return held(node.as_strings(example));
    case KeyType::kTextMap:
      return read_text_map(node, example);
    case KeyType::kText:
    case KeyType::kChoice:
    case KeyType::kDuration:
    case KeyType::kSize:
    case KeyType::kZone:
    case KeyType::kCurrency:
      return read_quoted(spec, node, example);
  }
  return node.error("a type that nobody reads");
}

/// Whether `value` lies on the wrong side of the bound `text`; false for no bound.
Result<bool> breaks_bound(const KeySpec& spec, std::string_view text, const SettingValue& value,
                          bool above) {
  if (text.empty()) return false;
  KeySpec unbounded = spec;
  unbounded.least = unbounded.most = "";
  const SettingValue bound = PURVEY_TRY(parse_setting(unbounded, text));
  return above ? bound < value : value < bound;
}

}  // namespace

Result<SettingValue> read_setting(const KeySpec& spec, const TomlNode& node) {
  SettingValue value = PURVEY_TRY(read_unbounded(spec, node));
  const bool too_small = PURVEY_TRY(breaks_bound(spec, spec.least, value, false));
  const bool too_large = PURVEY_TRY(breaks_bound(spec, spec.most, value, true));
  if (!too_small && !too_large) return value;
  return node.error(fmt::format("{} is too {}; write {}", format_setting(spec.type, value),
                                too_small ? "small" : "large", setting_bounds(spec)));
}

Result<SettingValue> parse_setting(const KeySpec& spec, std::string_view text) {
  const auto document =
      PURVEY_TRY(parse_toml("value = " + literal(spec.type, text) + "\n", std::string(spec.name)));
  return read_setting(spec, document.root().items()[0]);
}

std::string format_setting(KeyType type, const SettingValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    return type == KeyType::kSize ? quoted(format_byte_size(*integer))
                                  : fmt::format("{}", *integer);
  }
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  if (const auto* span = std::get_if<Micros>(&value)) return quoted(format_duration(*span));
  std::vector<std::string> parts;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& text : *texts) parts.push_back(quoted(text));
    return fmt::format("[{}]", listed(parts));
  }
  if (const auto* map = std::get_if<TextMap>(&value)) {
    for (const auto& [name, text] : *map) {
      parts.push_back(fmt::format("{} = {}", quoted(name), quoted(text)));
    }
    return fmt::format("{{{}}}", listed(parts));
  }
  return "";
}

std::string setting_example(const KeySpec& spec) {
  const std::string_view given = spec.example.empty() ? spec.fallback : spec.example;
  if (!given.empty()) return literal(spec.type, given);
  switch (spec.type) {
    case KeyType::kBoolean:
      return "true";
    case KeyType::kInteger:
      return spec.least.empty() ? "1" : std::string(spec.least);
    case KeyType::kNumber:
      return spec.least.empty() ? "0.5" : std::string(spec.least);
    case KeyType::kText:
      return "\"text\"";
    case KeyType::kChoice:
      return quoted(setting_choices(spec).front());
    case KeyType::kDuration:
      return "\"5s\"";
    case KeyType::kSize:
      return "\"64MiB\"";
    case KeyType::kZone:
      return "\"Asia/Shanghai\"";
    case KeyType::kCurrency:
      return "\"CNY\"";
    case KeyType::kTexts:
      return "[\"text\"]";
    case KeyType::kTextMap:
      return "{name = \"text\"}";
  }
  return "";
}

std::string setting_type_name(const KeySpec& spec) {
  switch (spec.type) {
    case KeyType::kBoolean:
      return "true or false";
    case KeyType::kInteger:
      return "whole number";
    case KeyType::kNumber:
      return "number";
    case KeyType::kText:
      return "text";
    case KeyType::kChoice:
      return listed(setting_choices(spec));
    case KeyType::kDuration:
      return "duration";
    case KeyType::kSize:
      return "size";
    case KeyType::kZone:
      return "time zone";
    case KeyType::kCurrency:
      return "currency";
    case KeyType::kTexts:
      return "texts";
    case KeyType::kTextMap:
      return "table of texts";
  }
  return "";
}

std::string setting_bounds(const KeySpec& spec) {
  if (!spec.least.empty() && !spec.most.empty()) {
    return fmt::format("{} to {}", spec.least, spec.most);
  }
  if (!spec.least.empty()) return fmt::format("at least {}", spec.least);
  if (!spec.most.empty()) return fmt::format("at most {}", spec.most);
  return "";
}

std::vector<std::string_view> setting_choices(const KeySpec& spec) {
  std::vector<std::string_view> choices;
  std::string_view rest = spec.choices;
  for (size_t bar = 0; bar != std::string_view::npos;) {
    bar = rest.find('|');
    choices.push_back(rest.substr(0, bar));
    if (bar != std::string_view::npos) rest.remove_prefix(bar + 1);
  }
  return choices;
}

}  // namespace purvey::base
