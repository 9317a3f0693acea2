package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;

class Dl4jConfigurationsTest {
  private static final String INTRUDER = Intruder.class.getName();

  @TempDir Path folder;

  /** Whether it was initialised can be seen. */
  static final class Intruder {
    static {
      System.setProperty("dl4j.intruder", "was here");
    }
  }

  @BeforeEach
  void clearIntruder() {
    System.clearProperty("dl4j.intruder");
  }

  /** Layers with activations, weight distributions and an updater, all of which are classes. */
  private static String json() {
    return new NeuralNetConfiguration.Builder()
        .seed(1)
        .updater(new Adam(1e-3))
        .weightInit(new NormalDistribution(0, 0.1))
        .list()
        .layer(new DenseLayer.Builder().nIn(3).nOut(5).activation(Activation.RELU).build())
        .layer(new DenseLayer.Builder().nIn(5).nOut(4).activation(Activation.IDENTITY).build())
        .build()
        .toJson();
  }

  @Test
  void listedNetwork_isRead() {
    assertEquals(json(), Dl4jConfigurations.read(json()).toJson());
    assertEquals(3 * 5 + 5 + 5 * 4 + 4, new NetworkSpec.Dl4j(3, 4, json()).parameterCount());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.deeplearning4j.nn.conf.layers.DenseLayer",
        "org.nd4j.linalg.activations.impl.ActivationReLU",
        "org.nd4j.linalg.learning.config.Adam",
        "org.deeplearning4j.nn.weights.WeightInitDistribution",
        "org.deeplearning4j.nn.conf.distribution.NormalDistribution"
      })
  void unlistedClass_isNotLoaded(String place) {
    assertTrue(json().contains('"' + place + '"'), place);
    String text = json().replace('"' + place + '"', '"' + INTRUDER + '"');
    String message =
        assertThrows(StateFormatException.class, () -> Dl4jConfigurations.read(text)).getMessage();
    assertTrue(message.contains(INTRUDER), message);
    assertNull(System.getProperty("dl4j.intruder"));
  }

  @Test
  void ambiguousName_isRefused() {
    String place = "\"@class\" : \"org.nd4j.linalg.activations.impl.ActivationReLU\"";
    assertTrue(json().contains(place));
    for (String other :
        new String[] {
          "\"@class\" : \"" + INTRUDER + "\", " + place, "\"\\u0040class\" : \"" + INTRUDER + "\"",
        }) {
      String text = json().replace(place, other);
      assertThrows(StateFormatException.class, () -> Dl4jConfigurations.read(text));
      assertNull(System.getProperty("dl4j.intruder"));
    }
  }

  private MultiLayerNetwork network() {
    MultiLayerNetwork network = new MultiLayerNetwork(Dl4jConfigurations.read(json()));
    network.init();
    return network;
  }

  @Test
  void modelFilesOfDl4j_areRead() throws Exception {
    File file = folder.resolve("model.zip").toFile();
    MultiLayerNetwork network = network();
    ModelSerializer.writeModel(network, file, true); // with its updater's state, which is not read
    assertArrayEquals(
        network.params().dup('c').data().asFloat(),
        Dl4jModels.read(file.toPath()).params().dup('c').data().asFloat());
  }

  @Test
  void damagedModelFiles_areNamed() throws Exception {
    Path file = folder.resolve("model.zip");
    ModelSerializer.writeModel(network(), file.toFile(), false);
    byte[] original = Files.readAllBytes(file);
    SplittableRandom random = new SplittableRandom(1);
    int read = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = original.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, i % 4 == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
      try {
        Dl4jModels.read(file);
        read++;
      } catch (StateFormatException e) {
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(file.toString()), message);
        assertFalse(message.contains("Cannot invoke"), message);
      }
    }
    assertTrue(read < 1000, "read " + read);
  }

  @Test
  void outputsThatAreNotThose_areRefused() {
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, 1)) {
      for (int outputs : new int[] {1, 3, 5, Integer.MAX_VALUE}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> compute.network(new NetworkSpec.Dl4j(3, outputs, json()), new Rng(1)),
            "outputs " + outputs);
      }
      assertEquals(4, compute.network(new NetworkSpec.Dl4j(3, 4, json()), new Rng(1)).outputSize());
    }
  }
}
