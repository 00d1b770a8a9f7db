using System.Text.RegularExpressions;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>
/// An SMS gateway that is asked by HTTP, described by a template: the address and the body of the request, in which <c>{{to}}</c>, <c>{{text}}</c>,
/// <c>{{from}}</c> and <c>{{id}}</c>, the notification's id, stand for their values, written as the content type asks for.
/// </summary>
internal sealed partial class SmsGatewayOptions : ProviderOptions, ICheckedSettings
{
    internal static readonly string[] Places = ["to", "text", "from", "id"];

    /// <summary>What it is called on record. Default: the host of <see cref="Url"/>.</summary>
    public string? Name { get; set; }

    /// <summary>The address, https; http for localhost only. Places in it are written as parts of an address.</summary>
    public string? Url { get; set; }

    /// <summary><c>POST</c>, <c>PUT</c> or <c>GET</c>. Default: POST.</summary>
    public string Method { get; set; } = "POST";

    /// <summary>The body's content type: <c>application/json</c>, <c>application/x-www-form-urlencoded</c>, <c>application/xml</c> or <c>text/xml</c>. Default: JSON.</summary>
    public string ContentType { get; set; } = "application/json";

    /// <summary>The body; none for GET.</summary>
    public string? Body { get; set; }

    /// <summary>The value of the header <c>Authorization</c>, for example <c>Bearer …</c>. Default: none.</summary>
    public string? Authorization { get; set; }

    /// <summary>Who the SMS is from: a number or a name.</summary>
    public string? From { get; set; }

    /// <summary>Where the answer has the SMS' id, as a JSON pointer, for example <c>/messages/0/id</c>. Default: none, and receipts go by the notification's id.</summary>
    public string? IdAt { get; set; }

    internal string NameOnRecord => Name is { Length: > 0 } name ? name : new Uri(Fill(Url!, _ => "x")).Host;

    internal override string? Forgotten(string section) => null;

    /// <summary>Fills the places of a template.</summary>
    internal static string Fill(string template, Func<string, string> value) => Place().Replace(template, match => value(match.Groups[1].Value));

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        if (Url is null || !Uri.TryCreate(Fill(Url, _ => "x"), UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
        {
            yield return $"{section}:Url must be an absolute https address; http is taken for localhost only.";
        }

        if (Method is not ("POST" or "PUT" or "GET"))
        {
            yield return $"{section}:Method must be POST, PUT or GET.";
        }

        if (ContentType is not ("application/json" or "application/x-www-form-urlencoded" or "application/xml" or "text/xml"))
        {
            yield return $"{section}:ContentType must be application/json, application/x-www-form-urlencoded, application/xml or text/xml.";
        }

        if (Method == "GET" ? Body is not null : string.IsNullOrEmpty(Body))
        {
            yield return $"{section}:Body must be set for POST and PUT, and must not for GET.";
        }

        var all = $"{Url} {Body}";
        foreach (var place in Place().Matches(all).Select(match => match.Groups[1].Value).Where(place => !Places.Contains(place)).Distinct())
        {
            yield return $"{section}:Body or Url has the place {{{{{place}}}}}, which there is not; there are {string.Join(", ", Places.Select(one => $"{{{{{one}}}}}"))}.";
        }

        if (!all.Contains("{{to}}", StringComparison.Ordinal) || !all.Contains("{{text}}", StringComparison.Ordinal))
        {
            yield return $"{section}:Body or Url must have the places {{{{to}}}} and {{{{text}}}}.";
        }

        if (all.Contains("{{from}}", StringComparison.Ordinal) && string.IsNullOrEmpty(From))
        {
            yield return $"{section}:From must be set, since the template has the place {{{{from}}}}.";
        }

        if (IdAt is { } pointer && !pointer.StartsWith('/'))
        {
            yield return $"{section}:IdAt must be a JSON pointer, like /messages/0/id.";
        }
    }

    [GeneratedRegex(@"\{\{([^{}]*)\}\}")]
    private static partial Regex Place();
}
