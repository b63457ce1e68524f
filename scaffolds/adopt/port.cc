// Where a service listens, and how it learns where it shall: msctl gives each replica a port of its own, by
// the variable PORT and by $PORT in the command. What the files say of it is taken, never guessed at; where
// nothing does, that is told.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "scaffolds/adopt/service.h"

namespace msctl::scaffolds::adopt {
namespace {

// Variables that a program reads its own port from; DB_PORT and the like are others' ports.
constexpr auto own_ports = std::to_array<std::string_view>(
    {"API_PORT", "APP_PORT", "HTTP_PORT", "LISTEN_PORT", "SERVER_PORT", "SERVICE_PORT", "WEB_PORT"});

constexpr const char* reads_port = R"re((["'`]PORT["'`]|\benv\.PORT\b|\$\{PORT\b|\$PORT\b|%env\(PORT\)))re";
constexpr const char* reads_other_port =
    R"re((?:["'`]|\benv\.|\$\{)((?:API|APP|HTTP|LISTEN|SERVER|SERVICE|WEB)_PORT)\b)re";
constexpr std::size_t most_sources = 400;

std::optional<int> number(std::string_view text) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out < 1 || out > 65535) return std::nullopt;
  return out;
}

// A value of a variable, with Compose's defaults.
std::optional<int> port_value(const std::string& value) {
  return number(expand(value, {}));
}

void take_port(Service& service, int port, const Place& at) {
  if (service.port) return;
  service.port = port;
  service.port_at = at;
}

void take_by(Service& service, PortBy by, std::string variable, const Place& at) {
  if (service.port_by != PortBy::unknown) return;
  service.port_by = by;
  service.port_variable = std::move(variable);
  service.port_by_at = at;
}

// A variable that says the port: PORT before the others.
void look_at_variables(Service& service, const std::vector<Variable>& variables) {
  for (const Variable& variable : variables)
    if (variable.name == "PORT") {
      if (auto port = port_value(variable.value)) take_port(service, *port, variable.at);
      take_by(service, PortBy::PORT, "PORT", variable.at);
    }
  for (const Variable& variable : variables)
    if (std::ranges::find(own_ports, variable.name) != own_ports.end())
      if (auto port = port_value(variable.value); port && (!service.port || *service.port == *port)) {
        take_port(service, *port, variable.at);
        take_by(service, PortBy::variable, variable.name, variable.at);
      }
}

std::vector<Variable> image_variables(const Service& service) {
  std::vector<Variable> out;
  if (service.stage)
    for (const auto& [name, variable] : service.stage->env)
      out.push_back({name, variable.value, {service.dockerfile->file, variable.at}, false});
  return out;
}

// The port within a command: --port 8000, -p 8000, --bind=0.0.0.0:8000, http.server 8000.
std::optional<int> port_in(const toolchain::Argv& argv) {
  static const RE2 flag(R"(^--?(?:p|port|b|bind|listen|l|http-port|server\.port|addr|address)$)");
  static const RE2 joined(
      R"(^--?(?:port|bind|listen|http-port|server\.port|addr|address)=(?:\S*:)?([0-9]+)$)");
  static const RE2 value(R"(^(?:\S*:)?([0-9]+)$)");
  std::string digits;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (RE2::FullMatch(argv[i], joined, &digits)) return number(digits);
    if ((RE2::FullMatch(argv[i - 1], flag) || argv[i - 1] == "http.server") &&
        RE2::FullMatch(argv[i], value, &digits))
      return number(digits);
  }
  return std::nullopt;
}

// The number, where it stands as a word, becomes $PORT.
bool replace_port(toolchain::Argv& argv, int port) {
  const RE2 word(fmt::format("(^|[^0-9A-Za-z.]){}($|[^0-9A-Za-z.])", port));
  bool out = false;
  for (std::size_t i = 1; i < argv.size(); ++i) out = RE2::Replace(&argv[i], word, "\\1$PORT\\2") || out;
  return out;
}

bool names_port(const toolchain::Argv& argv) {
  return std::ranges::any_of(argv,
                             [](const std::string& word) { return word.find("$PORT") != std::string::npos; });
}

void look_at_sources(Reader& reader, const toolchain::Language* language, Service& service) {
  std::vector<std::string> globs{"*.properties",
                                 "*.yaml",
                                 "*.yml",
                                 "*.toml",
                                 "**/application*.properties",
                                 "**/application*.yml",
                                 "**/application*.yaml",
                                 "*.sh",
                                 "package.json"};
  if (language != nullptr)
    globs.insert(globs.begin(), language->adoption.sources.begin(), language->adoption.sources.end());
  std::optional<std::pair<std::string, Place>> other;
  std::size_t looked_at = 0;
  for (const std::string& glob : globs)
    for (const std::string& file : reader.repository().match(service.folder, glob)) {
      const std::string path = join(service.folder, file);
      if (std::ranges::find(compose_names(), file) != compose_names().end()) continue;
      if (++looked_at > most_sources) return;
      const std::string* text = reader.text(path, true);
      if (text == nullptr) continue;
      if (auto found = reader.search(*text, reads_port))
        return take_by(service, PortBy::PORT, "PORT", {path, found->second});
      if (!other)
        if (auto found = reader.search(*text, reads_other_port))
          other.emplace(found->first, Place{path, found->second});
    }
  if (other) take_by(service, PortBy::variable, other->first, other->second);
}

}  // namespace

void find_port(Reader& reader, const toolchain::Language* language, Service& service) {
  if (service.stage)
    for (const ImagePort& port : service.stage->ports)
      if (!port.udp) take_port(service, port.port, {service.dockerfile->file, port.at});
  if (service.compose) {
    if (!service.compose->ports.empty() && !service.port)
      take_port(service, service.compose->ports.front().first, service.compose->ports.front().second);
    look_at_variables(service, service.compose->env);
  }
  look_at_variables(service, image_variables(service));
  if (const std::string file = join(service.folder, ".env"); reader.repository().has(file))
    if (const std::string* text = reader.text(file)) look_at_variables(service, parse_env_file(file, *text));

  if (service.fits) return take_by(service, PortBy::PORT, "PORT", service.because);
  if (service.run.argv.empty()) return;
  if (auto port = port_in(service.run.argv)) {
    take_port(service, *port, service.run.at);
    replace_port(service.run.argv, *port);
  } else if (service.port && service.run.argv.front() != "sh") {
    replace_port(service.run.argv, *service.port);
  }
  if (names_port(service.run.argv)) {
    service.port_by = PortBy::argument;
    service.port_by_at = service.run.at;
    service.port_variable.clear();
    return;
  }
  look_at_sources(reader, language, service);
  if (service.port_by == PortBy::variable) {
    const std::string setting = service.port_variable + "=$PORT";
    service.run.argv.insert(service.run.argv.begin(), {"env", setting});
  }
  if (service.port_by != PortBy::unknown) return;
  if (service.port)
    service.warn(service.port_at,
                 fmt::format("{} listens on {}, and does not seem to read PORT", service.name, *service.port),
                 "make it read PORT, or pass '$PORT' in 'run': msctl gives each replica a port of its own");
  else
    service.warn(
        service.because,
        fmt::format("nothing tells where {} listens, and it does not seem to read PORT", service.name),
        "msctl takes it for ready when it accepts connections on PORT; a program that serves nothing is "
        "no service: delete its service.yaml");
}

void find_health(Reader& reader, Service& service) {
  const ImageCommand* health = service.stage && service.stage->health ? &*service.stage->health : nullptr;
  Place at{service.dockerfile ? service.dockerfile->file : "", health ? health->at : 0};
  if (service.compose && service.compose->health) {
    health = &*service.compose->health;
    at = service.compose->health_at;
  }
  if (health == nullptr) return;
  std::string line = health->line;
  for (const std::string& word : health->words) line += word + " ";
  auto url = reader.search(line, R"re(https?://[^/\s"'|;&)]+(?:/[^\s"'|;&)]*)?)re");
  if (!url) {
    service.warn(at, fmt::format("the health check of {} asks no URL; msctl connects to its port instead",
                                 service.name));
    return;
  }
  std::string host;
  std::string path = "/";
  if (!RE2::FullMatch(url->first, R"(https?://([^/]+)(/.*)?)", &host, &path) || path.empty()) path = "/";
  const std::size_t colon = host.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : number(host.substr(colon + 1));
  if (port && service.port && *port != *service.port) {
    service.warn(at, fmt::format("the health check of {} asks port {}, where its requests do not go",
                                 service.name, *port));
    return;
  }
  if (path.find('$') != std::string::npos) return;
  service.health = path;
  service.health_at = at;
}

}  // namespace msctl::scaffolds::adopt
