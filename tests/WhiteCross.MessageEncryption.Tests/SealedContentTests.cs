using System.Buffers.Text;
using CsCheck;

namespace WhiteCross.MessageEncryption.Tests;

public sealed class SealedContentTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] OtherKey = [.. Enumerable.Range(0, 32).Select(i => (byte)(255 - i))];
    private static readonly Guid MessageId = new("11111111-2222-3333-4444-555555555555");

    [Fact]
    public void Whatever_was_sealed__opens_with_its_key_and_message_and_with_nothing_else() =>
        Gen.Select(Gen.String[Gen.Char.Where(c => !char.IsSurrogate(c)), 0, 300], Gen.Byte.Array[32], Gen.Guid, Gen.String[Gen.Char['a', 'z'], 1, 64]).Sample(
            (content, key, messageId, keyId) =>
            {
                var text = SealedContent.Seal(keyId, key, messageId, content);
                byte[] other = [.. key.Select(b => (byte)~b)];
                return SealedContent.KeyIdOf(text) == keyId
                    && SealedContent.Open(key, messageId, text) == content
                    && SealedContent.Open(other, messageId, text) is null
                    && SealedContent.Open(key, Guid.NewGuid(), text) is null
                    && SealedContent.Open(other, messageId, SealedContent.Reseal(key, "other", other, messageId, text)!) == content;
            },
            iter: 500);

    [Fact]
    public void Every_byte_and_every_character__is_guarded()
    {
        var text = SealedContent.Seal("2026-11", Key, MessageId, "The biopsy was benign.");
        var bytes = Base64Url.DecodeFromChars(text.AsSpan("wc1.".Length));
        for (var i = 0; i < bytes.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= (byte)(1 << bit);
                var tampered = $"wc1.{Base64Url.EncodeToString(changed)}";
                Assert.True(SealedContent.KeyIdOf(tampered) != "2026-11" || SealedContent.Open(Key, MessageId, tampered) is null, $"byte {i} bit {bit}");
                Assert.Null(SealedContent.Open(Key, MessageId, tampered));
            }
        }

        for (var i = 0; i < text.Length; i++)
        {
            Assert.Null(SealedContent.Open(Key, MessageId, text.Remove(i, 1)));
            Assert.Null(SealedContent.Open(Key, MessageId, text.Insert(i, "A")));
            Assert.Null(SealedContent.Open(Key, MessageId, text.Insert(i, " ")));
        }
    }

    [Fact]
    public void One_content__has_one_text_per_sealing_and_no_two_are_alike()
    {
        var texts = Enumerable.Range(0, 100).Select(_ => SealedContent.Seal("k", Key, MessageId, "same")).ToHashSet();

        Assert.Equal(100, texts.Count);
        Assert.All(texts, text => Assert.Null(SealedContent.Open(Key, MessageId, text + "=")));
    }

    [Fact]
    public void Resealed__needs_the_new_key_only_and_keeps_the_content_as_it_was_sealed()
    {
        var text = SealedContent.Seal("old", Key, MessageId, "benign");
        var resealed = SealedContent.Reseal(Key, "new", OtherKey, MessageId, text)!;

        Assert.Equal("new", SealedContent.KeyIdOf(resealed));
        Assert.Equal("benign", SealedContent.Open(OtherKey, MessageId, resealed));
        Assert.Null(SealedContent.Open(Key, MessageId, resealed));
        Assert.Null(SealedContent.Reseal(OtherKey, "new", Key, MessageId, text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("wc1.")]
    [InlineData("wc1.AAAA")]
    [InlineData("wc2.AAAA")]
    [InlineData("hello")]
    public void Anything_else__is_no_sealed_content(string text)
    {
        Assert.Null(SealedContent.KeyIdOf(text));
        Assert.Null(SealedContent.Open(Key, MessageId, text));
    }

    [Fact]
    public void Format__stays_as_it_is()
    {
        // Sealed by another implementation, from the description of the format; whatever is stored like this must open for ever.
        const string Stored = "wc1.BzIwMjYtMTG6BasexmLdgiKVmkMGQyTIaS_km0zmZyKW7gkxZx_kTBo4LJ48p1G6SAu_Mup3hRMxw81fIyC1TwreviIz9w-B1wdkF-afe9m8uHUtVSsAGPrqJpLDCDP2_IY83OOO7Z4H_Hen7ymB5f4XE5nR1g";

        Assert.Equal("2026-11", SealedContent.KeyIdOf(Stored));
        Assert.Equal("The biopsy was benign.", SealedContent.Open(Key, MessageId, Stored));
    }
}
