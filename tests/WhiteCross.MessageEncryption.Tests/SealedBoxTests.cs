using System.Text.Json;

namespace WhiteCross.MessageEncryption.Tests;

/// <summary>
/// Known answers. The four cases are test cases 13 to 16 (AES-256) of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", as submitted to
/// NIST. With <c>AES_GCM_VECTORS</c> naming Project Wycheproof's aes_gcm_test.json, all its cases of 256-bit keys and 96-bit nonces are checked too.
/// </summary>
public sealed class SealedBoxTests
{
    private const string Key16 = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    private const string Plain16 = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    private const string Cipher16 = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "00000000000000000000000000000000", "", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919")]
    [InlineData(Key16, "cafebabefacedbaddecaf888", Plain16 + "1aafd255", "", Cipher16 + "898015ad", "b094dac5d93471bdec1a502270e3cc6c")]
    [InlineData(Key16, "cafebabefacedbaddecaf888", Plain16, "feedfacedeadbeeffeedfacedeadbeefabaddad2", Cipher16, "76fc6ece0f4e1768cddf8853bb2d551b")]
    public void Published_answers__come_out(string key, string nonce, string plain, string associated, string cipher, string tag) =>
        Check(Bytes(key), Bytes(nonce), Bytes(plain), Bytes(associated), Bytes(cipher), Bytes(tag), isValid: true);

    [Fact]
    public void Wycheproof__where_it_is_at_hand__comes_out_whole()
    {
        var path = Environment.GetEnvironmentVariable("AES_GCM_VECTORS");
        Assert.SkipWhen(string.IsNullOrEmpty(path), "AES_GCM_VECTORS does not name Project Wycheproof's aes_gcm_test.json.");
        using var file = JsonDocument.Parse(File.ReadAllBytes(path!));
        var groups = file.RootElement.GetProperty("testGroups").EnumerateArray()
            .Where(group => group.GetProperty("keySize").GetInt32() == 256 && group.GetProperty("ivSize").GetInt32() == 96);
        var count = 0;
        foreach (var test in groups.SelectMany(group => group.GetProperty("tests").EnumerateArray()))
        {
            byte[] Field(string name) => Bytes(test.GetProperty(name).GetString()!);
            Check(Field("key"), Field("iv"), Field("msg"), Field("aad"), Field("ct"), Field("tag"), test.GetProperty("result").GetString() != "invalid");
            count++;
        }

        Assert.True(count > 50, $"only {count} cases");
    }

    private static void Check(byte[] key, byte[] nonce, byte[] plain, byte[] associated, byte[] cipher, byte[] tag, bool isValid)
    {
        byte[] expected = [.. nonce, .. cipher, .. tag];
        var opened = new byte[plain.Length];
        Assert.Equal(isValid, SealedBox.TryOpen(key, expected, associated, opened));
        if (isValid)
        {
            var box = new byte[plain.Length + SealedBox.Overhead];
            SealedBox.Seal(key, nonce, plain, associated, box);
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(box));
            Assert.Equal(Convert.ToHexString(plain), Convert.ToHexString(opened));
        }
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}
