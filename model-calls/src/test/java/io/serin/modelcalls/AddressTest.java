package io.serin.modelcalls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AddressTest {

  @Test
  void shouldSendTheQueryOfAUrlAlongWithEveryCall() {
    Address azure =
        Address.of("url", "https://models.example/openai/deployments/x?api-version=2024-10-21");

    assertThat(azure.origin()).isEqualTo("https://models.example:443");
    assertThat(azure.target("/chat/completions"))
        .isEqualTo("/openai/deployments/x/chat/completions?api-version=2024-10-21");
    assertThat(azure.target("/files?limit=2"))
        .isEqualTo("/openai/deployments/x/files?api-version=2024-10-21&limit=2");
  }

  @Test
  void shouldReachAHostByTheNameThatDockerGave() {
    assertThat(Address.of("url", "http://my_model:8000/v1/"))
        .isEqualTo(new Address(false, "my_model", 8000, "/v1"));
  }
}
