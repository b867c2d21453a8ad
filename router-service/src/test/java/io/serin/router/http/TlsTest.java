package io.serin.router.http;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.router.access.Access;
import io.serin.router.access.Keytool;
import io.serin.router.access.Tls;
import io.serin.router.front.TlsWatch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients over TLS, with a certificate of their own. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class TlsTest extends RouterTestBase {

  private static final char[] PASSWORD = Keytool.PASSWORD.toCharArray();

  /** Keys, made once: each takes keytool a second. */
  @TempDir private static Path keys;

  @TempDir private Path folder;

  @Override
  Access access() {
    try {
      make("server");
      make("client");
      make("stranger");
      return Access.of(
          new Tls(pem("server", false), pem("server", true), pem("client", false)), null, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldServeAndStreamToAClientWithACertificate() throws Exception {
    split(10_000);

    try (HttpClient client = client("client")) {
      assertThat(router.url()).startsWith("https://");
      assertThat(textOf(ask(client, false))).isEqualTo("from candidate");
      candidate.does(Upstream.stream("one", "two"));
      assertThat(ask(client, true).body()).contains("one", "two").endsWith(Upstream.DONE);
    }
  }

  @Test
  void shouldAgreeOnHttp2WithAClientThatSpeaksIt() throws Exception {
    split(10_000);

    try (HttpClient client = client("client", "server", HttpClient.Version.HTTP_2)) {
      HttpResponse<String> answer = ask(client, false);

      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(textOf(answer)).isEqualTo("from candidate");
    }
  }

  @Test
  void shouldServeNobodyElse() throws Exception {
    split(10_000);

    try (HttpClient nobody = client(null);
        HttpClient stranger = client("stranger")) {
      assertThatThrownBy(() -> ask(nobody, false)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> ask(stranger, false)).isInstanceOf(IOException.class);
    }
    URI plain = URI.create(router.url().replace("https", "http") + "/v1/models");
    assertThatThrownBy(
            () ->
                http.send(
                    HttpRequest.newBuilder(plain).timeout(Duration.ofSeconds(20)).build(),
                    BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
    assertThat(candidate.received()).isEmpty();
  }

  @Test
  void shouldTakeARenewedCertificateWithoutARestartAndKeepItWhereTheNextCannotBeUsed()
      throws Exception {
    split(10_000);
    make("renewed");
    Appended log = Appended.to(TlsWatch.class);

    try (HttpClient old = client("client", "server");
        HttpClient renewed = client("client", "renewed")) {
      assertThat(textOf(ask(old, false))).isEqualTo("from candidate");
      assertThatThrownBy(() -> ask(renewed, false)).isInstanceOf(IOException.class);
      Files.copy(pem("renewed", false), folder.resolve("server.pem"), REPLACE_EXISTING);
      Files.copy(pem("renewed", true), folder.resolve("server.key"), REPLACE_EXISTING);
      log.await("certificate-read");
      assertThat(textOf(ask(renewed, false))).isEqualTo("from candidate");
      assertThat(textOf(ask(old, false))).as("its connection goes on").isEqualTo("from candidate");
      Files.writeString(folder.resolve("server.pem"), "none");
      log.await("certificate-unreadable");
    } finally {
      log.close();
    }
    try (HttpClient renewed = client("client", "renewed");
        HttpClient old = client("client", "server")) {
      assertThat(textOf(ask(renewed, false))).isEqualTo("from candidate");
      assertThatThrownBy(() -> ask(old, false)).isInstanceOf(IOException.class);
    }
  }

  private HttpResponse<String> ask(HttpClient client, boolean stream)
      throws IOException, InterruptedException {
    return client.send(request(CHAT, body(stream)), BodyHandlers.ofString());
  }

  private HttpClient client(@Nullable String certificate)
      throws IOException, GeneralSecurityException {
    return client(certificate, "server");
  }

  private HttpClient client(@Nullable String certificate, String trusted)
      throws IOException, GeneralSecurityException {
    return client(certificate, trusted, HttpClient.Version.HTTP_1_1);
  }

  private HttpClient client(
      @Nullable String certificate, String trusted, HttpClient.Version version)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    authorities.setCertificateEntry("server", store(trusted).getCertificate(Keytool.ALIAS));
    trust.init(authorities);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    if (certificate != null) {
      keys.init(store(certificate), PASSWORD);
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        certificate == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
    return HttpClient.newBuilder()
        .version(version)
        .sslContext(context)
        .connectTimeout(Duration.ofSeconds(20))
        .build();
  }

  /** A key and its own certificate, as an administrator makes them. */
  private void make(String name) throws IOException, InterruptedException {
    if (Files.exists(keys.resolve(name + ".p12"))) {
      return;
    }
    Keytool.make(keys.resolve(name + ".p12"), name, "ip:127.0.0.1");
  }

  private KeyStore store(String name) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys.resolve(name + ".p12"))) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private Path pem(String name, boolean key) throws IOException, GeneralSecurityException {
    KeyStore store = store(name);
    byte[] der =
        key
            ? store.getKey(Keytool.ALIAS, PASSWORD).getEncoded()
            : store.getCertificate(Keytool.ALIAS).getEncoded();
    String what = key ? "PRIVATE KEY" : "CERTIFICATE";
    return Files.writeString(
        folder.resolve(name + (key ? ".key" : ".pem")),
        "-----BEGIN "
            + what
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END "
            + what
            + "-----\n");
  }
}
