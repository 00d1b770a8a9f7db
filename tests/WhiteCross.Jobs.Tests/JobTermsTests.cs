using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests;

public sealed class JobTermsTests
{
    private static readonly Guid Message = Guid.Parse("6d0c0f5e-6a4c-4a0e-9d0e-3a1b2c4d5e6f");

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void What_is_named_twice_is_a_term_once(int tags)
    {
        var data = Encoding.UTF8.GetBytes($$"""{"messageId":"{{Message}}","content":"c","MessageId":"{{Message}}"}""");
        string[] names = [.. Enumerable.Range(0, tags).Select(i => $"t{i}")];

        var terms = JobTerms.Of("a", "send-message", data, [.. names, .. names]);

        Assert.Equal([JobTerms.OfId("messageId", Message), .. names.Select(JobTerms.OfTag)], terms);
    }

    [Fact]
    public void Hashes_are_twelve_characters_of_a_terms_SHA_256_however_long_it_is()
    {
        string[] terms = [JobTerms.OfId("messageId", Message), JobTerms.OfTag("ü"), JobTerms.OfTag(new string('ü', 500))];

        Assert.Equal(terms.Select(term => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(term)))[..12]), terms.Select(JobTerms.Hash));
    }

    [Fact]
    public void A_keyed_hash_is_kept_as_it_is()
    {
        var hash = SHA256.HashData("key"u8);

        Assert.Equal(Base64Url.EncodeToString(hash)[..12], JobTerms.Hash(JobTerms.OfHash(hash)));
    }

    [Fact]
    public void All_of_a_job_are_kept_with_blanks_between_them()
    {
        string[] terms = [JobTerms.OfTag("a"), JobTerms.OfHash(SHA256.HashData("key"u8)), JobTerms.OfTag("b")];

        Assert.Equal(string.Empty, JobTerms.HashAll([]));
        Assert.Equal(JobTerms.Hash(terms[0]), JobTerms.HashAll(terms[..1]));
        Assert.Equal(string.Join(' ', terms.Select(JobTerms.Hash)), JobTerms.HashAll(terms));
    }
}
