using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>A word that stands nowhere else, and the places where it may be found because the docs say so.</summary>
internal sealed class Canary
{
    private readonly List<byte[]> _forms = [];

    public Canary(string name, params string[] mayBeIn)
        : this($"zq{name}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}", isDigits: false, mayBeIn)
    {
    }

    private Canary(string word, bool isDigits, string[] mayBeIn)
    {
        (Word, MayBeIn) = (word, mayBeIn);
        var bytes = Encoding.ASCII.GetBytes(isDigits ? word[1..] : word);
        _forms.Add(bytes);
        _forms.Add(Encoding.Unicode.GetBytes(word));
        for (var shift = 0; shift < 3; shift++)
        {
            // In Base64 it looks different at each of three places; its first and last letters there depend on what stands beside it.
            var text = Convert.ToBase64String([.. new byte[shift], .. bytes])[(shift == 0 ? 0 : 4)..].TrimEnd('=');
            _forms.Add(Encoding.ASCII.GetBytes(text[..^2]));
        }
    }

    public string Word { get; }

    /// <summary>Beginnings of the names of places.</summary>
    public IReadOnlyList<string> MayBeIn { get; }

    /// <summary>A phone number that a phone could have.</summary>
    public static Canary Phone(params string[] mayBeIn) =>
        new($"+49151{RandomNumberGenerator.GetInt32(10_000_000, 99_999_999)}", isDigits: true, mayBeIn);

    public bool IsIn(ReadOnlySpan<byte> bytes)
    {
        foreach (var form in _forms)
        {
            if (bytes.IndexOf(form) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    public bool MayBe(string place) => MayBeIn.Any(beginning => place.StartsWith(beginning, StringComparison.Ordinal));

    public override string ToString() => Word;
}
