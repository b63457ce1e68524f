// Admission: the Deployment was taken, its Pods are not. The wordings are those of
// k8s.io/pod-security-admission, k8s.io/apiserver (plugin/pkg/admission/webhook, validatingadmissionpolicy)
// and the LimitRanger and ServiceAccount plugins of kube-apiserver.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

Sign refusal(std::string sentence, std::string cure, bool certain) {
  return {base::Code::podRefused, std::move(sentence), std::move(cure), {}, certain};
}

// `pods "orders-6c8f-" is forbidden: WORDS`.
std::string_view reason_of(std::string_view message) {
  if (auto words = between(message, " is forbidden: ", ""); !words.empty()) return words;
  return message;
}

Sign sign_of(const Evidence& evidence, const Refused& refused) {
  const std::string_view message = refused.message;
  const std::string_view words = reason_of(message);
  const bool lasting = passed(evidence, refused.since, grace);
  const std::string spell = "'msctl deploy --plan' shows what the Pods ask for";

  if (auto policy = between(message, "violates PodSecurity \"", "\""); !policy.empty()) {
    const std::string_view level = policy.substr(0, policy.find(':'));
    return refusal(fmt::format("the namespace takes only Pods of the level '{}', and these have {}", level,
                               between(message, fmt::format("\"{}\": ", policy), "")),
                   fmt::format("correct the Pod's securityContext as the message says; what 'msctl generate "
                               "kubernetes' writes passes 'restricted'"),
                   true);
  }
  if (auto policy = between(message, "ValidatingAdmissionPolicy '", "'"); !policy.empty())
    return refusal(
        fmt::format("the policy '{}' refuses the Pods: {}", policy, between(message, "denied request: ", "")),
        kubectl(evidence, fmt::format("get validatingadmissionpolicy {} -o yaml", policy)), true);
  if (auto hook = between(message, "failed calling webhook \"", "\""); !hook.empty())
    return refusal(fmt::format("the webhook '{}', which is asked about each Pod, does not answer", hook),
                   "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations", false);
  if (auto hook = between(message, "admission webhook \"", "\""); !hook.empty()) {
    std::string_view said = between(message, "denied the request: ", "");
    if (said.empty()) said = "without a reason";
    return refusal(fmt::format("the webhook '{}' refuses the Pods: {}", hook, said), spell, lasting);
  }
  if (auto account = between(message, "error looking up service account ", ":"); !account.empty())
    return refusal(
        fmt::format("the ServiceAccount {} is not there", account),
        kubectl(evidence, fmt::format("create serviceaccount {}", account.substr(account.find('/') + 1))),
        lasting);
  if (has_any(words, {"maximum cpu", "maximum memory", "minimum cpu", "minimum memory",
                      "limit to request ratio", "maximum ephemeral-storage", "minimum ephemeral-storage"}))
    return refusal(fmt::format("a LimitRange of the namespace refuses the Pods: {}", words),
                   kubectl(evidence, "describe limitrange"), true);
  if (has(words, "because it is being terminated"))
    return refusal("the namespace is being deleted", "wait until it is gone, then deploy again", true);
  return refusal(fmt::format("the Pods are refused: {}", words), spell,
                 lasting && has(message, " is forbidden: "));
}

}  // namespace

MaybeSign refused(const Evidence& evidence) {
  for (const Refused& refused : evidence.refused) {
    if (has_any(refused.message, {"exceeded quota: ", "failed quota: "})) continue;
    Sign sign = sign_of(evidence, refused);
    sign.evidence = {refused.count > 1 ? fmt::format("{} ({})", refused.message, times(refused.count))
                                       : refused.message};
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
