#include "runtime/secrets/sops/sops.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace msctl::secrets {
namespace {

using Json = nlohmann::json;

// A key service in a cloud may be slow, and a person has to find a passphrase.
constexpr auto longest = std::chrono::minutes(2);
constexpr std::size_t most_bytes = std::size_t{4} << 20;

std::unexpected<base::Error> failed(const std::string& shown, const std::string& why, std::string cure = {}) {
  if (cure.empty()) cure = fmt::format("sops decrypt {} has to work for whoever deploys", shown);
  return base::fail(base::Code::sopsFailed, fmt::format("{}: {}", shown, why), std::move(cure));
}

// A number is no text: 1.10 or 12345678901234567890123 would come out as another one.
std::optional<std::string> text_of(const Json& value) {
  return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

const Json* find(const Json& map, const std::string& key) {
  if (!map.is_object()) return nullptr;
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &*found;
}

}  // namespace

base::Result<std::string> Sops::decrypted() const {
  system::Command command;
  command.argv = {"sops", "--decrypt", "--output-type", "json", file_};
  command.timeout = longest;
  command.output_limit = most_bytes;
  // What it has to say it says to whoever deploys; only what it opens is ours.
  command.inherit_errors = true;
  command.terminal = terminal_;
  command.cancel = cancel_;
  auto finished = processes_.run(command);
  if (!finished && finished.error().code == base::Code::toolMissing)
    return base::fail(base::Code::toolMissing,
                      fmt::format("{} is opened by the program sops, which is not there", shown_),
                      "install sops (https://getsops.io), or give the environment another source of secrets");
  if (!finished) return failed(shown_, finished.error().message);
  if (finished->cancelled) return base::fail(base::Code::interrupted, "interrupted");
  if (finished->timed_out) return failed(shown_, "sops has not answered within two minutes");
  if (!finished->ok())
    return failed(shown_, fmt::format("sops could not open it (exit status {}); why, it has told above",
                                      finished->status));
  return std::move(finished->output);
}

std::expected<Values, base::Errors> Sops::read(const std::vector<Wanted>& wanted) {
  if (wanted.empty()) return Values{};
  auto text = decrypted();
  if (!text) return std::unexpected(base::Errors{text.error()});
  return values_of(*text, wanted, shown_);
}

std::expected<Values, base::Errors> values_of(std::string_view json, const std::vector<Wanted>& wanted,
                                              const std::string& shown) {
  const Json all = Json::parse(json, nullptr, false);
  if (!all.is_object())
    return std::unexpected(base::Errors{
        failed(shown, "what sops opens is no map of services: {orders: {PAYMENT_KEY: …}}").error()});
  Values out;
  base::Errors errors;
  for (const Wanted& each : wanted) {
    const Json* of_service = find(all, each.service);
    for (const std::string& name : each.names) {
      const Json* value = of_service == nullptr ? nullptr : find(*of_service, name);
      const auto text = value == nullptr ? std::nullopt : text_of(*value);
      if (text)
        out[each.service][name] = *text;
      else if (value != nullptr)
        errors.push_back(failed(shown, fmt::format("{} of {} is no text", name, each.service),
                                fmt::format("put it into quotes: sops edit {}", shown))
                             .error());
      else
        errors.push_back(missing(each.service, name, shown,
                                 fmt::format("sops edit {}, and put it below {}:", shown, each.service)));
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

}  // namespace msctl::secrets
