using System.Globalization;

namespace WhiteCross.Gateway;

/// <summary>Numbers in a query, with errors that name the parameter.</summary>
internal static class QueryNumbers
{
    public static bool TryRead(string? text, long byDefault, long least, long most, out long number)
    {
        number = byDefault;
        return text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }

    public static string Rule(long least, long most) => string.Create(CultureInfo.InvariantCulture, $"must be a whole number between {least} and {most}.");
}
