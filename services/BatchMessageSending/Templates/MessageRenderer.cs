using System.Collections.Concurrent;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Templates;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Renders a batch's messages: the batch's template, in the recipient's language where there is one of it, or the recipient's own content, with the
/// recipient's variables before the batch's.
/// </summary>
internal sealed class MessageRenderer
{
    private const string Locale = "locale";

    private readonly Batch _batch;
    private readonly TextTemplate _template;
    private readonly ConcurrentDictionary<string, TextTemplate> _localized = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates a renderer.</summary>
    /// <param name="batch">The batch.</param>
    /// <exception cref="TemplateException">One of its templates is not understood.</exception>
    public MessageRenderer(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _batch = batch;
        _template = TextTemplate.Parse(batch.Template);
        foreach (var (locale, text) in batch.Localized)
        {
            _localized[locale] = TextTemplate.Parse(text);
        }
    }

    /// <summary>What is wrong with a recipient's message; null when it can be rendered.</summary>
    /// <param name="recipient">The recipient.</param>
    public string? FindProblem(BatchRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        try
        {
            Render(recipient);
            return null;
        }
        catch (TemplateException exception)
        {
            return exception.Variable is { } name
                ? $"The variable '{name}' has no value for recipient {recipient.RecipientId}: give it in templateVariables or with the recipient, as text, number, true or false; or a default in the template, {{{{ {name} | default: \"…\" }}}}."
                : $"For recipient {recipient.RecipientId}: {exception.Message}";
        }
    }

    /// <summary>A recipient's message.</summary>
    /// <param name="recipient">The recipient.</param>
    /// <exception cref="TemplateException">It cannot be rendered.</exception>
    public string Render(BatchRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return TemplateOf(recipient).Render(name => Find(recipient, name));
    }

    private TextTemplate TemplateOf(BatchRecipient recipient)
    {
        if (recipient.Content is { } own)
        {
            return TextTemplate.Parse(own);
        }

        // de-AT, then de, then the one without a language.
        for (var locale = _localized.IsEmpty ? null : Find(recipient, Locale) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
            !string.IsNullOrEmpty(locale);
            locale = locale.LastIndexOf('-') is var cut and > 0 ? locale[..cut] : null)
        {
            if (_localized.TryGetValue(locale, out var template))
            {
                return template;
            }
        }

        return _template;
    }

    private JsonElement? Find(BatchRecipient recipient, string name) =>
        recipient.Variables is { } own && own.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value
        : _batch.Variables.TryGetValue(name, out value) ? value
        : null;
}
