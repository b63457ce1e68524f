// The client's TLS against `openssl s_server`, with certificates of `openssl`'s making.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "runtime/http/client.h"
#include "tests/catch.h"

using namespace msctl;
using Certificate = http::Failure::Certificate;
using Kind = http::Failure::Kind;
namespace fs = std::filesystem;

namespace {

struct Close {
  void operator()(std::FILE* file) const { ::pclose(file); }
};

// One server that takes one connection.
class Server {
public:
  Server(const fs::path& folder, const std::string& options) {
    const std::string command = "cd '" + folder.string() +
                                "' && echo $$ && exec openssl s_server -accept 127.0.0.1:0 " +
                                "-naccept 1 -www " + options + " 2>&1";
    output_.reset(::popen(command.c_str(), "r"));
    char line[256];
    REQUIRE(std::fgets(line, sizeof line, output_.get()) != nullptr);
    pid_ = std::atoi(line);
    while (port_.empty() && std::fgets(line, sizeof line, output_.get()) != nullptr)
      if (const std::string text = line; text.starts_with("ACCEPT 127.0.0.1:"))
        port_ = text.substr(17, text.size() - 18);
    REQUIRE_FALSE(port_.empty());
  }
  ~Server() { ::kill(pid_, SIGKILL); }

  http::Request request(const std::string& host = "127.0.0.1") const {
    http::Request out;
    out.url = *http::parse_url("https://" + host + ":" + port_ + "/");
    return out;
  }

private:
  std::unique_ptr<std::FILE, Close> output_;
  pid_t pid_ = 0;
  std::string port_;
};

// Two authorities; a server's certificate for kube.example and 127.0.0.1, one that is past, and ann's.
struct Keys {
  fs::path root;
  http::ClientOptions options;

  Keys() {
    std::string path = (fs::temp_directory_path() / "tls-XXXXXX").string();
    root = ::mkdtemp(path.data());
    std::ofstream(root / "names") << "subjectAltName=DNS:kube.example,IP:127.0.0.1\n";
    for (const char* name : {"ca", "other"}) authority(name);
    certificate("server", "1");
    certificate("past", "-1");
    certificate("ann", "1");
    options.tls.authorities = read("ca.pem");
  }
  ~Keys() { fs::remove_all(root); }

  void run(const std::string& command) const {
    INFO(command);
    REQUIRE(std::system(("cd '" + root.string() + "' && " + command + " >log 2>&1").c_str()) == 0);
  }
  static std::string key(const std::string& name) {
    return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -subj /CN=" + name;
  }
  void authority(const std::string& name) const {
    run("openssl req -x509 -days 1 -out " + name + ".pem " + key(name));
  }
  void certificate(const std::string& name, const std::string& days) const {
    run("openssl req -out request " + key(name));
    run("openssl x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -days " +
        days + " -out " + name + ".pem");
  }
  std::string read(const std::string& name) const {
    std::ifstream file(root / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::expected<http::Response, http::Failure> ask(const std::string& server,
                                                   const std::string& host = "127.0.0.1") {
    const Server one(root, server);
    return http::Client(options).send(one.request(host));
  }
};

constexpr const char* usual = "-cert server.pem -key server.key";

}  // namespace

TEST_CASE_METHOD(Keys, "the client's own authorities are those that count") {
  const auto known = ask(usual);
  REQUIRE(known);
  CHECK(known->status == 200);
  options.tls.authorities = read("other.pem");
  const auto unknown = ask(usual);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().kind == Kind::tls);
  CHECK(unknown.error().certificate == Certificate::untrusted);
  options.tls.authorities += read("ca.pem");
  CHECK(ask(usual));
  options.tls.authorities.clear();  // this machine's, of which ours is none
  CHECK(ask(usual).error().certificate == Certificate::untrusted);
  options.authorities = [this](const std::string&) { return std::vector{(root / "ca.pem").string()}; };
  CHECK(ask(usual));
  options.authorities = {};
  options.tls.verify = false;
  CHECK(ask(usual));
}

TEST_CASE_METHOD(Keys, "a server's certificate has the address's name, or the one that is asked for") {
  CHECK(ask(usual, "localhost").error().certificate == Certificate::wrong_name);
  options.tls.server_name = "kube.example";
  CHECK(ask(usual, "localhost"));
  options.tls.server_name = "kube.other";
  CHECK(ask(usual).error().certificate == Certificate::wrong_name);
}

TEST_CASE_METHOD(Keys, "a certificate that is past is told as such") {
  const auto past = ask("-cert past.pem -key past.key");
  REQUIRE_FALSE(past);
  CHECK(past.error().certificate == Certificate::expired);
}

TEST_CASE_METHOD(Keys, "the client shows its own certificate") {
  const std::string asks = std::string(usual) + " -Verify 1 -CAfile ca.pem -verify_return_error";
  CHECK_FALSE(ask(asks));
  options.tls.certificate = read("ann.pem") + read("ca.pem");
  options.tls.key = read("ann.key");
  const auto known = ask(asks);
  REQUIRE(known);
  INFO(known->body);
  // Releases of OpenSSL differ in the blanks.
  CHECK(
      (known->body.find("CN = ann") != std::string::npos || known->body.find("CN=ann") != std::string::npos));
}

TEST_CASE_METHOD(Keys, "what is no certificate, authority or key is told without its content") {
  const auto why = [this] {
    http::Request request;
    request.url = *http::parse_url("https://127.0.0.1:1/");
    const auto sent = http::Client(options).send(request);
    REQUIRE_FALSE(sent);
    CHECK(sent.error().kind == Kind::tls);
    CHECK(sent.error().message.find("SECRET") == std::string::npos);
    return sent.error().message;
  };
  options.tls.certificate = "SECRET";
  options.tls.key = read("ann.key");
  CHECK(why().starts_with("the client certificate: "));
  options.tls.certificate = read("ann.pem");
  options.tls.key = read("server.key");
  CHECK(why().starts_with("the client key: "));
  options.tls.key = "SECRET";
  CHECK(why().starts_with("the client key: "));
  options.tls.authorities = "SECRET";
  CHECK(why().starts_with("no certificate in the certificate authority's PEM"));
}

TEST_CASE_METHOD(Keys, "a request is interrupted by its own function, too") {
  const Server one(root, usual);
  http::Request request = one.request();
  request.interrupted = [] { return true; };
  CHECK(http::Client(options).send(request).error().kind == Kind::interrupted);
}
