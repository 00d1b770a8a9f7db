using System.Text.Json;
using WhiteCross.Testing.Processes;

namespace WhiteCross.MessageEncryption.Tests;

/// <summary>
/// Known answers. The four cases are test cases 13 to 16 (AES-256) of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", as submitted to
/// NIST; a few of Project Wycheproof's follow, by their numbers: a known answer, tags of all ones and zeros, forged tags. Where its aes_gcm_test.json is at
/// hand, at <c>AES_GCM_VECTORS</c> or in the folder shared/vectors beside the repository, all its cases of 256-bit keys and 96-bit nonces are checked.
/// </summary>
public sealed class SealedBoxTests
{
    private const string Key16 = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    private const string Plain16 = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    private const string Cipher16 = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";

    private const string KeyOfSpecialCases = "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f";
    private const string KeyOfTags = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string PlainOfTags = "202122232425262728292a2b2c2d2e2f";
    private const string CipherOfTags = "b2061457c0759fc1749f174ee1ccadfa";

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "00000000000000000000000000000000", "", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919")]
    [InlineData(Key16, "cafebabefacedbaddecaf888", Plain16 + "1aafd255", "", Cipher16 + "898015ad", "b094dac5d93471bdec1a502270e3cc6c")]
    [InlineData(Key16, "cafebabefacedbaddecaf888", Plain16, "feedfacedeadbeeffeedfacedeadbeefabaddad2", Cipher16, "76fc6ece0f4e1768cddf8853bb2d551b")]
    public void Published_answers__come_out(string key, string nonce, string plain, string associated, string cipher, string tag) =>
        Check(Bytes(key), Bytes(nonce), Bytes(plain), Bytes(associated), Bytes(cipher), Bytes(tag), isValid: true);

    [Theory]
    [InlineData(91, "92ace3e348cd821092cd921aa3546374299ab46209691bc28b8752d17f123c20", "00112233445566778899aabb", "00000000ffffffff", "00010203040506070809", "e27abdd2d2a53d2f136b", "9a4a2579529301bcfb71c78d4060f52c", true)]
    [InlineData(128, KeyOfSpecialCases, "000000000000000000000000", "", "561008fa07a68f5c61285cd013464eaf", "23293e9b07ca7d1b0cae7cc489a973b3", "ffffffffffffffffffffffffffffffff", true)]
    [InlineData(129, KeyOfSpecialCases, "ffffffffffffffffffffffff", "", "c6152244cea1978d3e0bc274cf8c0b3b", "7cb6fc7c6abc009efe9551a99f36a421", "00000000000000000000000000000000", true)]
    [InlineData(130, KeyOfTags, "505152535455565758595a5b", "", PlainOfTags, CipherOfTags, "9de8fef6d8ab1bf1bf887232eab590dd", false)]
    [InlineData(148, KeyOfTags, "505152535455565758595a5b", "", PlainOfTags, CipherOfTags, "9ce8fef6d8ab1bf1bf887232eab5905d", false)]
    [InlineData(149, KeyOfTags, "505152535455565758595a5b", "", PlainOfTags, CipherOfTags, "9de8fef6d8ab1bf1be887232eab590dd", false)]
    [InlineData(153, KeyOfTags, "505152535455565758595a5b", "", PlainOfTags, CipherOfTags, "00000000000000000000000000000000", false)]
    [InlineData(154, KeyOfTags, "505152535455565758595a5b", "", PlainOfTags, CipherOfTags, "ffffffffffffffffffffffffffffffff", false)]
    public void Wycheproof__named_cases__come_out(int number, string key, string nonce, string associated, string plain, string cipher, string tag, bool isValid)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"tcId {number}");
        Check(Bytes(key), Bytes(nonce), Bytes(plain), Bytes(associated), Bytes(cipher), Bytes(tag), isValid);
    }

    [Fact]
    public void Wycheproof__where_it_is_at_hand__comes_out_whole()
    {
        var named = Environment.GetEnvironmentVariable("AES_GCM_VECTORS");
        var path = string.IsNullOrEmpty(named) ? Path.Combine(BuiltProjects.Repository, "..", "shared", "vectors", "aes_gcm_test.json") : named;
        Assert.SkipWhen(string.IsNullOrEmpty(named) && !File.Exists(path), "AES_GCM_VECTORS does not name Project Wycheproof's aes_gcm_test.json.");
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
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
