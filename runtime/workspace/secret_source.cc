#include "runtime/workspace/secret_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace msctl::workspace {
namespace {

using yaml::Node;

void report(base::Errors& errors, const Node& node, std::string message, std::string expected) {
  base::Error error;
  error.code = base::Code::badSecretSource;
  error.message = std::move(message);
  error.at = node.location();
  error.expected = std::move(expected);
  errors.push_back(std::move(error));
}

void take_out(std::string& text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what))
    text.erase(at, what.size());
}

// "{SERVICE}_{NAME}": {NAME}, and otherwise what names of variables are made of.
void check_pattern(const Node& node, base::Errors& errors) {
  constexpr const char* expected = "true, {NAME}, {SERVICE}_{NAME}, or another prefix";
  std::string rest = node.scalar;
  if (rest.find("{NAME}") == std::string::npos)
    return report(errors, node, fmt::format("'{}' is the same variable for every secret", node.scalar),
                  expected);
  take_out(rest, "{NAME}");
  take_out(rest, "{SERVICE}");
  const bool fits =
      std::ranges::all_of(rest, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!fits)
    report(errors, node, fmt::format("'{}' has in it what no variable's name has", node.scalar), expected);
}

}  // namespace

schema::TypePtr secret_source_type() {
  return schema::one_of({
      schema::choice({"cluster"}),
      schema::object({
          {"sops", schema::text("secrets/production.yaml"),
           "A file {SERVICE: {NAME: value}} that the program sops opens."},
          {"variables",
           schema::one_of({schema::text("\"{SERVICE}_{NAME}\""), schema::scalar(schema::Kind::boolean)}),
           "The environment variables of whoever deploys: their names, {SERVICE} in capitals and with _ for "
           "-; "
           "true is {NAME}."},
      }),
  });
}

SecretSource decode_secret_source(const Node& node, base::Errors& errors) {
  SecretSource out;
  const Node* sops = node.find("sops");
  const Node* variables = node.find("variables");
  if (sops != nullptr && variables != nullptr) {
    report(errors, *variables, "secrets come from one source", "sops or variables");
  } else if (sops != nullptr) {
    const std::filesystem::path folder = std::filesystem::path(sops->location().file).parent_path();
    out.kind = SecretSource::Kind::sops;
    out.file = (folder / sops->scalar).lexically_normal().string();
    out.shown = sops->scalar;
    if (sops->scalar.empty())
      report(errors, *sops, "the file has no name", "a path, like secrets/production.yaml");
  } else if (variables != nullptr) {
    out.kind = SecretSource::Kind::variables;
    const bool plain = variables->scalar == "true" && !variables->quoted;
    out.pattern = plain ? "{NAME}" : variables->scalar;
    if (!plain) check_pattern(*variables, errors);
  } else if (!node.is_scalar()) {
    report(errors, node, "secrets come from somewhere", "cluster, {sops: FILE} or {variables: PATTERN}");
  }
  return out;
}

}  // namespace msctl::workspace
