using StackExchange.Redis;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Something to put on record in the very script that changes a queue, so that both happen or neither: while it is attached, scripts that operators' changes
/// run by write it to a hash of the queue whenever they change anything. A change that takes several scripts writes it once, under one id.
/// </summary>
public sealed class ChangeNote : IDisposable
{
    // In front of a script: its last three arguments are not its own. Behind it: the note, if its answer says that anything was changed.
    private const string Before = """
        local note_text, note_id, note_key = table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
        local function change_queue()

        """;

    private const string After = """

        end
        local changes = change_queue()
        local how_many = type(changes) == 'table' and changes[2] or changes
        if type(how_many) == 'number' and how_many > 0 or type(how_many) == 'string' and string.find(how_many, 'd', 1, true) then
          redis.call('HSET', note_key, note_id, note_text)
        end
        return changes
        """;

    private static readonly AsyncLocal<ChangeNote?> Attached = new();

    private readonly RedisValue _id;
    private readonly RedisValue _text;
    private readonly RedisValue _key;
    private volatile bool _isOver;

    private ChangeNote(string key, string id, ReadOnlyMemory<byte> text) => (_key, _id, _text) = (key, id, text);

    /// <summary>Attaches a note to the changes of a queue that this request makes, until it is disposed of.</summary>
    /// <param name="key">The hash: of the queue, with its hash tag.</param>
    /// <param name="id">The note's id there.</param>
    /// <param name="text">The note.</param>
    public static ChangeNote Attach(string key, string id, ReadOnlyMemory<byte> text) => Attached.Value = new ChangeNote(key, id, text);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver = true; // Also for what was begun meanwhile and goes on behind it.
        Attached.Value = null;
    }

    internal static ChangeNote? Current => Attached.Value is { _isOver: false } note ? note : null;

    internal static string Around(string script) => Before + script + After;

    internal RedisValue[] With(RedisValue[] arguments) => [.. arguments, _key, _id, _text];
}
