using System.Globalization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// Recipients on their way from a request into the batch service's state store: checked line by line, sent on in blocks, never held as a whole. With the
/// first wrong line nothing more is stored, and further lines are read only for their errors.
/// </summary>
internal sealed class RecipientUpload(BatchServiceClient batches)
{
    private const int MostErrors = 100;
    private const int MostInBlock = 1000;
    private const int BlockBytes = 512 * 1024;
    private const int LongestContent = 10_000;

    private readonly Dictionary<Guid, int> _lines = [];
    private readonly List<int> _blocks = [];
    private readonly List<BatchRecipient> _block = [];
    private readonly List<string> _errors = [];
    private int _blockBytes;
    private bool _isStored;

    public Guid Id { get; } = Guid.NewGuid();

    public int Count => _lines.Count;

    public IReadOnlyList<string> Errors => _errors;

    public async Task ReadAsync(IAsyncEnumerable<RecipientLine> lines, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            if ((line.Error ?? Check(line.Recipient!, line.Number)) is { } error)
            {
                _errors.Add(string.Create(CultureInfo.InvariantCulture, $"line {line.Number}: {error}"));
                if (_errors.Count == MostErrors || Count > BatchSendJobValidator.MostRecipients)
                {
                    _errors.Add("Reading stopped here; there may be more.");
                    return;
                }
            }
            else if (_errors.Count == 0)
            {
                await TakeAsync(line, cancellationToken);
            }
        }

        if (_errors.Count == 0 && Count == 0)
        {
            _errors.Add("has no recipients: at least 1 is needed.");
        }
        else if (_errors.Count == 0)
        {
            await SendBlockAsync(cancellationToken);
            await batches.EndUploadAsync(Id, _blocks, cancellationToken);
        }
    }

    /// <summary>
    /// Renders every message before the batch is added: an empty cell, or a variable that the lines do not give, is told with its line while whoever sent
    /// the file still has it at hand.
    /// </summary>
    /// <param name="data">The batch's data.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What is wrong with the batch itself; what is wrong with lines is in <see cref="Errors"/>.</returns>
    public async Task<string?> CheckMessagesAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (await batches.CheckUploadAsync(Id, data, cancellationToken) is not { } found)
        {
            return null;
        }

        foreach (var (recipientId, problem) in found.Problems.OrderBy(problem => _lines.GetValueOrDefault(problem.RecipientId)))
        {
            _errors.Add(string.Create(CultureInfo.InvariantCulture, $"line {_lines.GetValueOrDefault(recipientId)}: {problem}"));
        }

        if (found.Count > found.Problems.Count)
        {
            _errors.Add(string.Create(CultureInfo.InvariantCulture, $"… and {found.Count - found.Problems.Count} more."));
        }

        return found.Error;
    }

    /// <summary>Removes what was stored. What cannot be removed now goes by itself when its time is over.</summary>
    public async Task RemoveAsync()
    {
        if (!_isStored)
        {
            return;
        }

        try
        {
            // Whoever sent it may have gone.
            await batches.RemoveUploadAsync(Id, _blocks.Count + 1, CancellationToken.None);
        }
        catch (BatchServiceAwayException)
        {
        }
    }

    private string? Check(BatchRecipient recipient, int line) => recipient switch
    {
        { RecipientId: var id } when id == Guid.Empty => "recipientId is required: a UUID that is not all zero.",
        { RecipientId: var id } when !_lines.TryAdd(id, line) => "recipientId occurs before: recipients must be distinct.",
        _ when Count > BatchSendJobValidator.MostRecipients => $"is one recipient too many: a batch has at most {BatchSendJobValidator.MostRecipients}.",
        { RecipientEmail: { } email } when email.Length > 320 || email.Count(character => character == '@') != 1 || email.Any(char.IsWhiteSpace) =>
            "recipientEmail must be an e-mail address such as name@example.org.",
        { ConversationId: { } id } when id == Guid.Empty => "conversationId must be a UUID that is not all zero.",
        { Content: { } content } when content.Length is 0 or > LongestContent || content.Contains('\0', StringComparison.Ordinal) =>
            $"content must be text of 1 to {LongestContent} characters without U+0000.",
        _ => null,
    };

    private async Task TakeAsync(RecipientLine line, CancellationToken cancellationToken)
    {
        _block.Add(line.Recipient!);
        _blockBytes += line.Bytes;
        if (_block.Count == MostInBlock || _blockBytes > BlockBytes)
        {
            await SendBlockAsync(cancellationToken);
        }
    }

    private async Task SendBlockAsync(CancellationToken cancellationToken)
    {
        if (_block.Count == 0)
        {
            return;
        }

        _isStored = true;
        await batches.SaveBlockAsync(Id, _blocks.Count, _block, cancellationToken);
        _blocks.Add(_block.Count);
        _block.Clear();
        _blockBytes = 0;
    }
}
