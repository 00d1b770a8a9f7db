using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs;

/// <summary>Writes what handlers hand over as JSON, of bounded size whatever it is.</summary>
internal static class HandlerJson
{
    // What is larger is not even counted to its end: it may have none.
    private const int MostCounted = 64 << 20;

    /// <summary>A job's result as it goes on record: JSON of at most 64 KiB, or a marked cut of it.</summary>
    public static ReadOnlyMemory<byte> OfResult(object? result)
    {
        if (result is null)
        {
            return default;
        }

        using var json = new BoundedStream();
        try
        {
            JsonSerializer.Serialize(json, result, result.GetType(), JsonSerializerOptions.Web);
        }
        catch (IOException) when (json.Length > MostCounted)
        {
            // Counted far enough.
        }

        return json.Kept ?? NotKept(json.Length, $"The result is larger than {TextLimits.Result} bytes and was not kept.");
    }

    /// <summary>A step's result or a note.</summary>
    /// <exception cref="PermanentJobException">It cannot be written, or is too large: another attempt would have the step's effect again.</exception>
    public static ReadOnlyMemory<byte> OfStep<T>(string name, T result)
    {
        using var json = new BoundedStream();
        try
        {
            JsonSerializer.Serialize(json, result, JsonSerializerOptions.Web);
        }
        catch (IOException) when (json.Length > MostCounted)
        {
            // Counted far enough.
        }
#pragma warning disable CA1031 // Writing the result runs the handler's own code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new PermanentJobException($"The result of step '{name}', a {typeof(T).Name}, cannot be written as JSON ({exception.GetType().Name}). Return something that can.");
        }

        return json.Kept ?? throw new PermanentJobException(
            $"The result of step '{name}' has {json.Length} bytes or more; at most {TextLimits.Result} are kept. Keep it elsewhere and return a reference.");
    }

    /// <summary>What stands in the place of a result that was not kept.</summary>
    public static ReadOnlyMemory<byte> NotKept(long bytes, string note) => JsonSerializer.SerializeToUtf8Bytes(new CutResult(true, bytes, note), CutResultContext.Default.CutResult);

    /// <summary>Keeps what fits into a record, counts what does not, and refuses to go on for ever.</summary>
    private sealed class BoundedStream : Stream
    {
        private readonly MemoryStream _kept = new();
        private long _length;

        // Not `: null`: that would become an empty memory, which an array converts to, and pass for JSON.
        /// <summary>The JSON; null when it is too large.</summary>
        public ReadOnlyMemory<byte>? Kept => _length <= TextLimits.Result ? _kept.GetBuffer().AsMemory(0, (int)_length) : default(ReadOnlyMemory<byte>?);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _length += buffer.Length;
            if (_length <= TextLimits.Result)
            {
                _kept.Write(buffer);
            }
            else if (_length > MostCounted)
            {
                throw new IOException("Too large.");
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <summary>Stands in the record for a result that is too large for it.</summary>
internal sealed record CutResult(bool Truncated, long Bytes, string Note);

/// <summary>Generated writer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CutResult))]
internal sealed partial class CutResultContext : JsonSerializerContext;
