namespace WhiteCross.Jobs.Store;

/// <summary>
/// Something to be put on record in the very step that adds a job, so that both happen or neither: an entry of an audit log. Jobs of one request have one
/// note among them. A store whose content goes with its process keeps none.
/// </summary>
/// <param name="Id">What tells it from all others.</param>
/// <param name="Text">What is put on record, as UTF-8 JSON.</param>
public sealed record JobNote(string Id, ReadOnlyMemory<byte> Text);
