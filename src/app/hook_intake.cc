#include "app/hook_intake.h"

#include <fmt/core.h>

#include "base/shown_text.h"
#include "event/event_body.h"

namespace purvey::app {
namespace {

constexpr size_t kPadding = 64;  // that the decoder may read behind a text

/// The rows of all messages of the body, at most `most`. Errors: those of cut_body() and
/// DocumentMapper::add().
base::Result<flow::MappedBody> map_body(serve::Request& request, flow::DocumentMapper& mapper,
                                        size_t most) {
  flow::MappedBody body;
  base::Result<void> done;
  PURVEY_TRY(event::cut_body(form_of(request), request.body, [&](std::string_view message) {
    if (done && body.rows.size() <= most) done = mapper.add(message, body);
  }));
  PURVEY_TRY(done);
  if (body.rows.size() > most) {
    return base::exhausted(fmt::format("body: makes more than {} events; send less at once", most));
  }
  body.texts.append(kPadding, ' ');
  return body;
}

}  // namespace

base::Result<std::unique_ptr<HookIntake>> HookIntake::open(std::vector<Hook> hooks,
                                                           EventIntake& intake) {
  std::unique_ptr<HookIntake> made(new HookIntake(intake));
  for (Hook& hook : hooks) {
    if (!hook.secret_file.empty()) {
      hook.signature.secret = PURVEY_TRY(serve::load_signing_secret(hook.secret_file));
    }
    const std::string name = hook.name;
    made->doors_.emplace(name, std::make_unique<Door>(std::move(hook)));
  }
  return made;
}

serve::Route HookIntake::route() {
  return {
      .method = serve::Method::kPost,
      .pattern = "/api/v1/hooks/{name}",
      .access = serve::Access::kIngest,
      // Its signature says who the sender is. Of other names nobody learns without a token.
      .access_of =
          [this](const std::vector<serve::NamedText>& parameters) {
            const Door* const door = find(parameters.front().value);
            return door != nullptr && door->is_signed() ? serve::Access::kPublic
                                                        : serve::Access::kIngest;
          },
      .summary = "Messages of another system in, by the map of a [[hook]]",
      .path = {{.name = "name", .summary = "of the [[hook]]"}},
      .body_types = {"application/json", "application/x-ndjson"},
      .outcomes = {{202,
                    "at least one event was taken, or nothing was to be; which rows were not, "
                    "and why",
                    "application/json"},
                   {400, "none was taken", "application/json"},
                   {404, "there is no such hook", "application/json"},
                   {413, "too much for one message: send less at once", "application/json"},
                   {429, "too much waits: send it again after Retry-After", "application/json"}},
      .handler = [this](serve::Request request,
                        serve::Respond respond) { take(std::move(request), std::move(respond)); }};
}

const HookIntake::Door* HookIntake::find(std::string_view name) const {
  const auto found = doors_.find(name);
  return found == doors_.end() ? nullptr : found->second.get();
}

serve::Response HookIntake::unknown(std::string_view name) const {
  constexpr size_t kShown = 80;
  std::string names;
  for (const auto& [known, door] : doors_) names += (names.empty() ? "" : ", ") + known;
  const std::string shown = base::shown_text(name, kShown);
  return serve::error_response(
      404, "unknown_hook",
      doors_.empty()
          ? fmt::format(
                "no hook '{}': the settings have no [[hook]]; write one with its name and map",
                shown)
          : fmt::format("no hook '{}': there is: {}", shown, names));
}

void HookIntake::take(serve::Request request, serve::Respond respond) {
  const std::string& name = request.parameter("name");
  const auto found = doors_.find(name);
  if (found == doors_.end()) return respond(unknown(name));
  Door& door = *found->second;
  if (door.is_signed() && !serve::is_signed(request, door.hook.signature)) {
    return respond(serve::error_response(
        401, "bad_signature",
        fmt::format("header {}: not the signature of this body by the secret of this hook",
                    door.hook.signature.header)));
  }
  const auto body = [&] {
    const std::lock_guard lock(door.mutex);
    return map_body(request, door.mapper, intake_.events_max());
  }();
  if (!body) return respond(refusal_of(body.error()));
  if (body->messages == 0) {
    return respond(serve::error_response(400, "no_events", "the body holds no message"));
  }
  submit(*body, door.mapper.source(), std::move(respond));
}

void HookIntake::submit(const flow::MappedBody& body, const std::string& source,
                        serve::Respond respond) {
  if (body.rows.empty()) {  // an empty list: nothing to be taken, and nothing wrong
    return respond(serve::json_response(202, R"({"accepted":0,"rejected":[]})"));
  }
  std::vector<EventIntake::Origin> origins;
  const auto batch = intake_.decode([&](event::JsonDecoder& decoder, event::EventBatch& into) {
    for (const auto& row : body.rows) {
      if (row.is_event) {
        event::decode_within_limit(body.text_of(row), decoder, into);
      } else {
        decoder.refuse(row.refusal, source, row.raw, into);
      }
      origins.push_back({row.message, row.where, row.declined});
    }
    return base::Result<void>();
  });
  if (!batch) return respond(serve::error_response(batch.error()));
  intake_.submit(*batch, origins, std::move(respond));
}

}  // namespace purvey::app
