using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace WhiteCross.Jobs.Redis;

/// <summary>Reads settings; what is wrong is added to the errors, by the setting's name and without its value.</summary>
internal sealed class RedisSettingsReader(IConfiguration configuration, List<string> errors)
{
    public string? Text(string name) => configuration[name] is { Length: > 0 } value ? value : null;

    public int Number(string name, int fallback, int min, int max)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add($"{name} must be a whole number from {min} to {max}; leave it out for {fallback}.");
        return fallback;
    }

    public bool Flag(string name)
    {
        switch (Text(name)?.ToUpperInvariant())
        {
            case null or "FALSE" or "0":
                return false;
            case "TRUE" or "1":
                return true;
            default:
                errors.Add($"{name} must be true or false; leave it out for false.");
                return false;
        }
    }

    public string Choice(string name, string fallback, string other)
    {
        var text = Text(name) ?? fallback;
        if (text != fallback && text != other)
        {
            errors.Add($"{name} must be {fallback} or {other}; leave it out for {fallback}.");
            return fallback;
        }

        return text;
    }
}
