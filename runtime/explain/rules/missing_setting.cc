// A Secret or ConfigMap, or a key in one, that is not there.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

std::string create(const Evidence& evidence, const Missing& missing) {
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
