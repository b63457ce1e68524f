// A Secret or ConfigMap, or a key in one, that is not there.
#include <fmt/format.h>

#include <string_view>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

// "orders-secrets-0123456789", which a deploy has made (kubernetes/deploy/secrets.h): nobody makes that by
// hand.
bool is_deployed(std::string_view secret) {
  constexpr std::string_view between = "-secrets-";
  constexpr std::size_t digits = 10;
  const std::size_t at = secret.rfind(between);
  return at != std::string_view::npos && at != 0 && secret.size() == at + between.size() + digits &&
         secret.find_first_not_of("0123456789abcdef", at + between.size()) == std::string_view::npos;
}

std::string create(const Evidence& evidence, const Missing& missing) {
  if (missing.kind == Missing::Kind::secret && is_deployed(missing.name))
    return fmt::format("msctl deploy {} -e {} brings its values anew", evidence.service,
                       evidence.environment);
  if (missing.kind == Missing::Kind::secret)
    return kubectl(evidence,
                   missing.key.empty()
                       ? fmt::format("create secret generic {} --from-literal=NAME=VALUE", missing.name)
                       : fmt::format("patch secret {} -p '{{\"stringData\": {{\"{}\": \"VALUE\"}}}}'",
                                     missing.name, missing.key));
  return missing.key.empty()
             ? kubectl(evidence, fmt::format("get configmap; 'msctl deploy' makes those of services again"))
             : kubectl(evidence, fmt::format("patch configmap {} -p '{{\"data\": {{\"{}\": \"VALUE\"}}}}'",
                                             missing.name, missing.key));
}

}  // namespace

MaybeSign missing_setting(const Evidence& evidence, const Replica& replica) {
  if (replica.missing.empty()) return std::nullopt;
  const Missing& missing = replica.missing.front();
  const bool secret = missing.kind == Missing::Kind::secret;
  const std::string_view kind = secret ? "Secret" : "ConfigMap";
  Sign sign;
  if (missing.key.empty()) {
    sign.code = secret ? base::Code::secretNotThere : base::Code::configMapNotThere;
    sign.sentence = fmt::format("the {} '{}' is not there", kind, missing.name);
  } else {
    sign.code = base::Code::settingNotThere;
    sign.sentence = fmt::format("the {} '{}' has no key '{}'", kind, missing.name, missing.key);
  }
  sign.cure = create(evidence, missing);
  sign.evidence = {fmt::format("{}: {}", replica.name, missing.words)};
  sign.certain = passed(evidence, missing.since, grace);
  return sign;
}

}  // namespace msctl::explain::rules
