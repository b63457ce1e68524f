#include "runtime/https/server.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <csignal>

#include "runtime/http/client.h"
#include "runtime/kubernetes/external_metrics/certificate.h"
#include "tests/catch.h"

using namespace msctl;
using kubernetes::external_metrics::Certificate;
using kubernetes::external_metrics::make_certificate;

namespace {

Certificate certificate() {
  auto made = make_certificate({"localhost"}, std::chrono::system_clock::now(), {});
  REQUIRE(made);
  return *std::move(made);
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  REQUIRE(write(out.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

// A client that is its own authority.
Certificate client_named(const std::string& name) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  X509_NAME* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key.get());
  REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
  Certificate out;
  out.certificate = pem_of([&](BIO* to) { return PEM_write_bio_X509(to, made.get()); });
  out.authorities = out.certificate;
  out.key = pem_of([&](BIO* to) {
    return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return out;
}

https::Answer hello(const https::Request& request) {
  return {200, "text/plain", std::string(request.path) + "|" + std::string(request.query)};
}

// OpenSSL writes without MSG_NOSIGNAL: msctl ignores the signal (cli/app/signals.h), and so does this.
struct Place {
  Place() { std::signal(SIGPIPE, SIG_IGN); }

  Certificate own = certificate(), front = client_named("front-proxy-client"),
              stranger = client_named("front-proxy-client");
  std::unique_ptr<https::Server> server = *https::Server::start("127.0.0.1:0", hello);

  https::Credentials credentials(std::vector<std::string> names = {}) const {
    return {own.certificate, own.key, front.authorities, std::move(names)};
  }
  std::expected<http::Response, http::Failure> ask(const Certificate* shown,
                                                   const std::string& method = "GET") {
    http::ClientOptions options;
    options.tls.authorities = own.authorities;
    options.tls.server_name = "localhost";
    if (shown != nullptr) {
      options.tls.certificate = shown->certificate;
      options.tls.key = shown->key;
    }
    http::Client client(options);
    http::Request request;
    request.method = method;
    request.url = *http::parse_url("https://" + server->address() + "/a/b?c=d");
    request.once = true;
    return client.send(request);
  }
};

}  // namespace

TEST_CASE_METHOD(Place, "nobody without a certificate of the right authority is served", "[https]") {
  CHECK_FALSE(ask(&front));  // it has no certificate of its own yet
  REQUIRE(server->use(credentials()));
  CHECK_FALSE(ask(nullptr));
  CHECK_FALSE(ask(&stranger));
  CHECK_FALSE(server->use({"none", own.key, front.authorities, {}}));
  CHECK_FALSE(server->use({own.certificate, own.key, "none", {}}));
}

TEST_CASE_METHOD(Place, "whoever has it is answered", "[https]") {
  REQUIRE(server->use(credentials({"other", "front-proxy-client"})));
  const auto answer = ask(&front);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "/a/b|c=d");
  const auto post = ask(&front, "POST");
  REQUIRE(post);
  CHECK(post->status == 405);
}

TEST_CASE_METHOD(Place, "a certificate of that authority with another name is refused", "[https]") {
  REQUIRE(server->use(credentials({"front-proxy-client-2"})));
  const auto answer = ask(&front);
  REQUIRE(answer);
  CHECK(answer->status == 403);
}

TEST_CASE_METHOD(Place, "with new credentials connections that are open serve no more", "[https]") {
  REQUIRE(server->use(credentials()));
  http::ClientOptions options;
  options.tls = {own.authorities, front.certificate, front.key, "localhost"};
  http::Client client(options);
  http::Request request;
  request.url = *http::parse_url("https://" + server->address() + "/");
  REQUIRE(client.send(request));
  https::Credentials others = credentials();
  others.client_authorities = stranger.authorities;
  REQUIRE(server->use(others));
  const auto last = client.send(request);
  REQUIRE(last);
  CHECK(last->header("Connection") == "close");
  CHECK_FALSE(client.send(request));
}
