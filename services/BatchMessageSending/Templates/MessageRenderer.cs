using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>Renders a batch's messages: the batch's template or the recipient's own content, with the recipient's variables before the batch's.</summary>
public sealed class MessageRenderer
{
    private readonly Batch _batch;
    private readonly MessageTemplate _template;
    private readonly string? _firstMissing;

    /// <summary>Creates a renderer.</summary>
    /// <param name="batch">The batch.</param>
    public MessageRenderer(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _batch = batch;
        _template = MessageTemplate.Parse(batch.Template);
        _firstMissing = _template.FirstMissing(name => Find(null, name));
    }

    /// <summary>The first variable that has no value in a recipient's message; null when all have one.</summary>
    /// <param name="recipient">The recipient.</param>
    public string? FirstMissing(BatchRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return recipient.Content is null && recipient.Variables is null ? _firstMissing : TemplateOf(recipient).FirstMissing(name => Find(recipient, name));
    }

    /// <summary>A recipient's message.</summary>
    /// <param name="recipient">The recipient.</param>
    public string Render(BatchRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return TemplateOf(recipient).Render(name => Find(recipient, name));
    }

    private MessageTemplate TemplateOf(BatchRecipient recipient) => recipient.Content is { } own ? MessageTemplate.Parse(own) : _template;

    private string? Find(BatchRecipient? recipient, string name)
    {
        if (recipient?.Variables is { } own && own.TryGetValue(name, out var value) && MessageTemplate.TryText(value, out var text))
        {
            return text;
        }

        return _batch.Variables.TryGetValue(name, out value) && MessageTemplate.TryText(value, out text) ? text : null;
    }
}
