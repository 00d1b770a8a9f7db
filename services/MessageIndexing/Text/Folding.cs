using System.Text;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// Makes letters comparable: lower case, and Latin ones without their diacritics. By table, since the services run in the invariant culture, where
/// .NET does not normalize strings.
/// </summary>
internal static class Folding
{
    private const int FirstOfLatin1 = 0xC0;
    private const int FirstOfAdditional = 0x1E00;

    // U+00C0 to U+017F, and U+1E00 to U+1EFF: the base letter of each.
    private const string Latin1AndExtendedA =
        "aaaaaaæceeeeiiiidnooooo×ouuuuyþßaaaaaaæceeeeiiiidnooooo÷ouuuuyþyaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiĳĳjjkkĸllllllŀŀllnnnnnnŉŋŋooooooœœrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzſ";

    private const string ExtendedAdditional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyẚſẜẝßẟaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ";

    /// <summary>The folded form of a letter, digit or mark; null for a combining diacritic, which is left out.</summary>
    public static string? Fold(Rune rune) => rune.Value switch
    {
        < 0x80 => ((char)(rune.Value | (rune.Value is >= 'A' and <= 'Z' ? 0x20 : 0))).ToString(),
        >= FirstOfLatin1 and <= 0x17F => Latin1AndExtendedA[rune.Value - FirstOfLatin1].ToString(),
        >= FirstOfAdditional and <= 0x1EFF => ExtendedAdditional[rune.Value - FirstOfAdditional].ToString(),
        0x1A0 or 0x1A1 => "o",
        0x1AF or 0x1B0 => "u",
        >= 0x300 and <= 0x36F => null,
        _ => Rune.ToLowerInvariant(rune).ToString(),
    };
}
