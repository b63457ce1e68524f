#include "cli/join/run_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/output/colour.h"

namespace msctl::cli::join {
namespace {

using local::Event;

// Whether an event is worth a line where nobody asked for all of them.
bool is_news(Event::Kind kind) {
  return kind != Event::Kind::starting && kind != Event::Kind::built;
}

std::string_view tone(Event::Kind kind, const output::Palette& palette) {
  switch (kind) {
    case Event::Kind::ready:
      return palette.green;
    case Event::Kind::buildFailed:
    case Event::Kind::crashed:
    case Event::Kind::notLive:
    case Event::Kind::failed:
      return palette.red;
    case Event::Kind::unready:
      return palette.yellow;
    default:
      return palette.dim;
  }
}

// The service of a replica's id: "orders-1" → "orders".
std::string_view service_of(std::string_view replica) {
  return replica.substr(0, replica.rfind('-'));
}

}  // namespace

RunView::RunView(Context& context, Options options, const std::vector<std::string>& services)
    : context_(context), options_(options), services_(services) {
  for (const std::string& service : services) width_ = std::max(width_, service.size() + 2);
}

void RunView::start(std::function<void()> resume, std::function<void()> gone) {
  auto notice = [this](std::size_t lines) {
    if (context_.settings.format != Format::table)
      return fmt::format("{{\"event\":\"dropped\",\"lines\":{}}}\n", lines);
    return fmt::format("… {} lines are not shown here; 'msctl logs' has them\n", lines);
  };
  out_ = std::make_unique<local::Outlet>(1, std::move(resume), std::move(gone), notice);
  err_ = std::make_unique<local::Outlet>(2, [] {}, [] {}, notice);
}

local::Observer RunView::observer() {
  local::Observer out;
  out.event = [this](const Event& what) { event(what); };
  if (options_.logs) {
    out.log = [this](const release::LogLine& line) { log(line); };
    out.full = [this] { return out_->full(); };
  }
  out.build_failed = [this](const std::string& service, const std::string& output) {
    build_failed(service, output);
  };
  if (options_.verbose)
    out.build_line = [this](const std::string& service, std::string_view line) {
      say(fmt::format("{} {}", name(service, context_.settings.colour_err), line));
    };
  out.settled = [this](const release::Status& status, const std::optional<base::Error>&) { settled(status); };
  out.round = [this] { flush(); };
  return out;
}

void RunView::flush() {
  out_->flush();
  err_->flush();
}

void RunView::drain() {
  out_->drain();
  err_->drain();
}

void RunView::let_go() {
  out_->let_go();
  err_->let_go();
}

std::string RunView::name(const std::string& name, bool colours) const {
  const output::Palette& palette = output::palette(colours);
  const std::array<std::string_view, 5> ring{palette.cyan, palette.magenta, palette.blue, palette.green,
                                             palette.yellow};
  auto found = std::ranges::find(services_, std::ranges::find(services_, name) != services_.end()
                                                ? name
                                                : std::string(service_of(name)));
  auto index = static_cast<std::size_t>(found - services_.begin());
  return fmt::format("{}{:<{}} |{}", ring[index % ring.size()], name, width_, palette.reset);
}

void RunView::object(const nlohmann::ordered_json& object) {
  // JSON is YAML: one document a line.
  std::string_view mark = context_.settings.format == Format::yaml ? "--- " : "";
  out_->write(std::string(mark) +
              object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void RunView::begin(const std::string& id, const std::string& logs) {
  if (!options_.logs) return;
  if (context_.settings.format != Format::table)
    object({{"event", "run"}, {"id", id}, {"logs", logs}});
  else if (!id.empty())
    say(fmt::format("run {}", id));
}

void RunView::say(const std::string& text) {
  err_->write(text + "\n");
}

void RunView::event(const Event& event) {
  if (context_.settings.format != Format::table && options_.logs)
    return object({{"event", local::to_string(event.kind)},
                   {"at", base::to_rfc3339(context_.clock.wall())},
                   {"service", event.service},
                   {"replica", event.replica},
                   {"message", event.message},
                   {"code", event.code ? base::to_string(*event.code) : ""}});
  if (!options_.verbose && !is_news(event.kind)) return;
  const output::Palette& palette = output::palette(context_.settings.colour_err);
  std::string code = event.code ? fmt::format(" [{}]", base::to_string(*event.code)) : "";
  say(fmt::format("{} {}{}{}{}",
                  name(event.replica.empty() ? event.service : event.replica, context_.settings.colour_err),
                  tone(event.kind, palette), event.message, palette.reset, code));
}

void RunView::log(const release::LogLine& line) {
  if (context_.settings.format != Format::table)
    return object({{"event", "log"},
                   {"at", line.at},
                   {"service", line.service},
                   {"replica", line.replica},
                   {"stream", line.stream},
                   {"text", line.text}});
  out_->write(fmt::format("{} {}\n", name(line.replica, context_.settings.colour_out), line.text));
}

void RunView::build_failed(const std::string& service, const std::string& output) {
  if (context_.settings.format != Format::table && options_.logs)
    return object({{"event", "build-output"}, {"service", service}, {"text", output}});
  if (!options_.verbose) err_->write(output);
}

void RunView::settled(const release::Status& status) {
  if (!options_.logs) return;
  if (context_.settings.format != Format::table)
    return object(
        {{"event", "settled"},
         {"ready", std::ranges::all_of(status.services, [](const auto& s) { return s.ready >= s.desired; })},
         {"gateway", {{"url", status.gateway.url}, {"pid", status.gateway.pid}}}});
  const output::Palette& palette = output::palette(context_.settings.colour_err);
  bool all = std::ranges::all_of(status.services, [](const auto& s) { return s.ready >= s.desired; });
  say(fmt::format("{}{}{}: {}", palette.bold, status.gateway.url, palette.reset,
                  all ? "everything is ready" : "not everything is ready; 'msctl status' tells why"));
}

}  // namespace msctl::cli::join
