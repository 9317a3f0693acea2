package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OpenBlasTest {
  private static final String AVX512 = "avx512f avx512cd avx512bw avx512dq avx512vl";

  private static List<String> processor(String vendor, String flags) {
    return List.of(
        "processor\t: 0", "vendor_id\t: " + vendor, "flags\t\t: fpu sse2 avx2 " + flags + " sha");
  }

  @Test
  void amdProcessorsWithAvx512_useIt() {
    assertEquals("SKYLAKEX", OpenBlas.coreType(Map.of(), processor("AuthenticAMD", AVX512)));
  }

  @Test
  void otherProcessors_chooseByThemselves() {
    assertNull(OpenBlas.coreType(Map.of(), processor("GenuineIntel", AVX512)));
    assertNull(OpenBlas.coreType(Map.of(), processor("AuthenticAMD", "avx512f")));
    assertNull(OpenBlas.coreType(Map.of(), List.of()));
  }

  @Test
  void usersChoice_isKept() {
    assertNull(
        OpenBlas.coreType(Map.of("OPENBLAS_CORETYPE", "ZEN"), processor("AuthenticAMD", AVX512)));
  }
}
