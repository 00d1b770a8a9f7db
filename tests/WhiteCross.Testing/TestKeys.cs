using System.Security.Cryptography;

namespace WhiteCross.Testing;

/// <summary>
/// RSA keys, as many as a test has parties. To find a new one takes a processor up to half a second, which a hundred tests would each spend again: a party's key is the same
/// for the whole process, and in no file.
/// </summary>
public static class TestKeys
{
    private static readonly Lazy<byte[]>[] Keys = [.. Enumerable.Range(0, Enum.GetValues<TestParty>().Length).Select(_ => new Lazy<byte[]>(Generate))];

    /// <summary>The key of a party; the caller's to dispose.</summary>
    /// <param name="party">Whose.</param>
    public static RSA Of(TestParty party)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Keys[(int)party].Value, out _);
        return rsa;
    }

    private static byte[] Generate()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKey();
    }
}

/// <summary>Who has a key in a test.</summary>
public enum TestParty
{
    /// <summary>Who issues certificates.</summary>
    Authority,

    /// <summary>Another who does, whom nobody trusts.</summary>
    OtherAuthority,

    /// <summary>A server.</summary>
    Server,

    /// <summary>Who issues tokens.</summary>
    Issuer,

    /// <summary>Another who does, whom nobody trusts.</summary>
    OtherIssuer,

    /// <summary>A service account.</summary>
    Account,
}
