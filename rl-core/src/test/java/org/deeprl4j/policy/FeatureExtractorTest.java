package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;

final class FeatureExtractorTest {
  private static ObservationEncoder encoder(Space space) {
    return new ObservationEncoder(space, false);
  }

  private static NetworkSpec.Convolution lowest(NetworkSpec network) {
    NetworkSpec at = network;
    while (at instanceof NetworkSpec.Stacked stacked) {
      at = stacked.body();
    }
    return assertInstanceOf(NetworkSpec.Convolution.class, at);
  }

  @Test
  void pictures_areConvolvedAsInTheNaturePaper() {
    NetworkSpec network = FeatureExtractor.pictures().describe(encoder(Box.of(0, 255, 4, 84, 84)));
    assertEquals(4 * 84 * 84, network.inputs());
    assertEquals(7 * 7 * 64, network.outputs());
    assertEquals(
        (8 * 8 * 4 + 1) * 32 + (4 * 4 * 32 + 1) * 64 + (3 * 3 * 64 + 1) * 64,
        network.parameterCount());
    assertTrue(lowest(network).channelsFirst());
    assertEquals(1.0 / 255, lowest(network).scale());
  }

  @Test
  void channels_areTheSmallestDimension() {
    NetworkSpec network = FeatureExtractor.pictures().describe(encoder(Box.of(0, 255, 40, 50, 3)));
    assertFalse(lowest(network).channelsFirst());
    assertEquals(List.of(40, 50, 3), List.of(lowest(network).height(), lowest(network).width(), 3));
    assertEquals(3, lowest(network).channels());
  }

  @Test
  void normalisedPictures_areNotScaledAgain() {
    ObservationEncoder normalizing = new ObservationEncoder(Box.of(0, 255, 4, 84, 84), true);
    assertEquals(1, lowest(FeatureExtractor.pictures().describe(normalizing)).scale());
  }

  @Test
  void whatIsNoPicture_passes() {
    for (Space space :
        List.of(
            Box.of(-1, 1, 3),
            Box.of(0, 255, 84, 84),
            Box.of(0, 1, 4, 84, 84),
            Box.of(0, 255, 4, 20, 20), // too small for the layers
            new Discrete(3))) {
      assertNull(FeatureExtractor.pictures().describe(encoder(space)), space.toString());
      Features features = new Features(FeatureExtractor.pictures(), encoder(space));
      assertEquals(encoder(space).size(), features.size());
      assertFalse(features.isExtracted());
      Mlp head = Mlp.of(features.size() + 2, 1, 8);
      assertEquals(head, features.under(head, 2));
    }
  }

  @Test
  void dictionaries_haveANetworkForEachPicture() {
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put("eye", Box.of(0, 255, 1, 36, 36));
    entries.put("joints", Box.of(-1, 1, 7));
    entries.put("tool", new Discrete(3));
    ObservationEncoder encoder = encoder(new Dict(entries));
    Features features = new Features(FeatureExtractor.pictures(), encoder);
    assertEquals(64 + 7 + 3, features.size());
    NetworkSpec critic = features.under(Mlp.of(74 + 2, 1, 8), 2);
    assertEquals(36 * 36 + 7 + 3 + 2, critic.inputs());
    assertEquals(1, critic.outputs());
  }

  @Test
  void actionMasks_areNoFeatures() {
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put(Dict.OBSERVATION, Box.of(0, 255, 40, 50, 3));
    entries.put(Dict.ACTION_MASK, new MultiBinary(6));
    ObservationEncoder encoder = encoder(new Dict(entries));
    assertEquals(40 * 50 * 3, encoder.size());
    assertEquals(
        FeatureExtractor.pictures().describe(encoder(Box.of(0, 255, 40, 50, 3))),
        FeatureExtractor.pictures().describe(encoder));
    assertTrue(new Features(FeatureExtractor.pictures(), encoder).isExtracted());
  }

  @Test
  void networksByKey_takeTheirEntries() {
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put("joints", Box.of(-1, 1, 7));
    entries.put("tool", new Discrete(3));
    ObservationEncoder encoder = encoder(new Dict(entries));
    FeatureExtractor extractor =
        FeatureExtractor.byKey(Map.of("tool", inputs -> Mlp.of(inputs, 5, 4)));
    assertEquals(
        new NetworkSpec.Parallel(List.of(new NetworkSpec.Identity(7), Mlp.of(3, 5, 4))),
        extractor.describe(encoder));
    FeatureExtractor misnamed =
        FeatureExtractor.byKey(Map.of("tools", inputs -> Mlp.of(inputs, 5, 4)));
    String message =
        assertThrows(IllegalArgumentException.class, () -> misnamed.describe(encoder)).getMessage();
    assertTrue(message.contains("'tools'") && message.contains("[joints, tool]"), message);
    assertThrows(
        IllegalArgumentException.class, () -> extractor.describe(encoder(Box.of(-1, 1, 2))));
  }

  @Test
  void extractors_mustTakeTheEncodedObservation() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Features(encoder -> Mlp.of(4, 2), encoder(Box.of(-1, 1, 3))));
  }
}
