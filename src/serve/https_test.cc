// The server behind TLS: a client of OpenSSL's, with certificates made here.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "serve/http_client_fixture.h"
#include "serve/http_server.h"

namespace purvey::serve {
namespace {

/// A key and a certificate that it signed itself, written as PEM.
void make_certificate(const std::string& certificate_path, const std::string& key_path) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = fopen(certificate_path.c_str(), "w");
  PEM_write_X509(file, certificate);
  fclose(file);
  file = fopen(key_path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  fclose(file);
  chmod(key_path.c_str(), 0600);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

/// A client that speaks TLS and trusts anybody.
class TlsClient {
 public:
  explicit TlsClient(uint16_t port, int version_most = 0)
      : context_(SSL_CTX_new(TLS_client_method())), ssl_(nullptr) {
    if (version_most != 0) {
      SSL_CTX_set_security_level(context_, 0);
      SSL_CTX_set_max_proto_version(context_, version_most);
    }
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    is_connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    close(fd_);
    ERR_clear_error();
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool is_connected() const { return is_connected_; }

  void send(const std::string& bytes) {
    EXPECT_EQ(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }

  /// What comes until the other side says that no more does; "cut" if it ends without a word.
  std::string all() {
    std::string received;
    char block[4096];
    for (;;) {
      const int got = SSL_read(ssl_, block, sizeof(block));
      if (got > 0) {
        received.append(block, static_cast<size_t>(got));
        continue;
      }
      return SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN ? received : "cut";
    }
  }

 private:
  SSL_CTX* const context_;
  SSL* ssl_;
  int fd_ = -1;
  bool is_connected_ = false;
};

class HttpsTest : public testing::Test {
 protected:
  HttpsTest() {
    std::filesystem::create_directories(folder_);
    make_certificate(options_.tls.certificate, options_.tls.key);
  }
  ~HttpsTest() override { std::filesystem::remove_all(folder_); }

  base::Result<void> start() {
    Router router;
    router.add({.method = Method::kPost,
                .pattern = "/echo",
                .access = Access::kIngest,
                .summary = "gives back the body",
                .body_types = {"text/plain"},
                .handler = [](Request request, Respond respond) {
                  respond({.content_type = "text/plain", .body = std::move(request.body)});
                }});
    server_ = PURVEY_TRY(HttpServer::start(options_, std::move(router)));
    return {};
  }

  std::string refusal() {
    const auto started = start();
    return started ? "" : started.error().message;
  }

  static std::string post(const std::string& body, const std::string& lines = "") {
    return "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n" + lines +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  const std::string folder_ = testing::TempDir() + "https_" + std::to_string(getpid());
  HttpServerOptions options_ = {
      .port = 0,
      .tokens = {{.secret = std::string(64, 'a')}},
      .tls = {.certificate = folder_ + "/certificate.pem", .key = folder_ + "/key.pem"}};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpsTest, requests_are_answered_and_the_end_is_told) {
  ASSERT_EQ(refusal(), "");
  EXPECT_TRUE(server_->url().starts_with("https://127.0.0.1:"));
  TlsClient client(server_->port());
  ASSERT_TRUE(client.is_connected());
  const std::string body(1 << 20, 'x');
  client.send(post("first") + post(body, "Connection: close\r\n"));
  const std::string received = client.all();
  EXPECT_NE(received.find("\r\n\r\nfirst"), std::string::npos) << received.substr(0, 300);
  EXPECT_TRUE(received.ends_with(body));
}

TEST_F(HttpsTest, a_client_without_tls_is_cut_off_and_the_next_one_served) {
  ASSERT_EQ(refusal(), "");
  HttpClient plain(server_->port());
  plain.get("/echo");
  EXPECT_TRUE(plain.is_closed());
  TlsClient client(server_->port());
  client.send(post("text", "Connection: close\r\n"));
  EXPECT_TRUE(client.all().ends_with("text"));
}

TEST_F(HttpsTest, a_client_that_says_nothing_is_cut_off) {
  options_.limits.head_time = std::chrono::milliseconds(300);
  ASSERT_EQ(refusal(), "");
  HttpClient silent(server_->port());
  EXPECT_TRUE(silent.is_closed());
}

TEST_F(HttpsTest, versions_before_1_2_are_not_spoken) {
  ASSERT_EQ(refusal(), "");
  EXPECT_FALSE(TlsClient(server_->port(), TLS1_1_VERSION).is_connected());
  EXPECT_TRUE(TlsClient(server_->port(), TLS1_2_VERSION).is_connected());
}

TEST_F(HttpsTest, other_machines_are_let_in_with_tls_and_tokens_alone) {
  options_.address = "0.0.0.0";
  EXPECT_NE(refusal().find("auth = true"), std::string::npos);
  options_.needs_token = true;
  const TlsFiles files = std::exchange(options_.tls, {});
  EXPECT_NE(refusal().find("certificate"), std::string::npos);
  options_.tls = files;
  const std::vector<Token> tokens = std::exchange(options_.tokens, {});
  EXPECT_NE(refusal(), "");
  options_.tokens = tokens;
  EXPECT_EQ(refusal(), "");
}

TEST_F(HttpsTest, files_that_do_not_serve_are_named) {
  const TlsFiles good = options_.tls;
  chmod(good.key.c_str(), 0640);
  EXPECT_NE(refusal().find("write `chmod 600 "), std::string::npos);
  chmod(good.key.c_str(), 0600);

  options_.tls = {.certificate = good.certificate, .key = ""};
  EXPECT_NE(refusal().find("name both files"), std::string::npos);
  options_.tls = {.certificate = folder_ + "/none.pem", .key = good.key};
  EXPECT_NE(refusal().find("none.pem: no certificate"), std::string::npos);
  options_.tls = {.certificate = good.certificate, .key = folder_ + "/none.pem"};
  EXPECT_NE(refusal().find("cannot be read"), std::string::npos);

  const TlsFiles other = {.certificate = folder_ + "/other.pem", .key = folder_ + "/other_key.pem"};
  make_certificate(other.certificate, other.key);
  options_.tls = {.certificate = good.certificate, .key = other.key};
  EXPECT_NE(refusal().find("that belongs to"), std::string::npos);
  options_.tls = other;
  EXPECT_EQ(refusal(), "");
}

}  // namespace
}  // namespace purvey::serve
