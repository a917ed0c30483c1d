//! Faults that only the inside of the server can have.

/// A rule that the server breaks. Conditions of the [`Fault`](super::Fault) say for which requests,
/// where it is a matter of requests: timeouts, expiry and what happens at a start are not.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Behaviour {
    // Answers.
    /// Closes the connection, or resets the stream, where an answer is due.
    HangsUp,
    /// Leaves the client waiting where an answer is due.
    NeverAnswers,
    /// Closes an HTTP/2 connection when a client gives one of its streams up.
    EndsWithStream,

    // What a PATCH stores.
    /// Appends at the end, whatever `Upload-Offset` says.
    IgnoresOffset,
    /// Stores other bytes than it received: each one inverted.
    SpoilsBytes,
    /// Stores other bytes after the first 64 KiB of an upload.
    SpoilsLargeUploads,
    /// Says the bytes are stored but keeps none of them.
    StoresNothing,
    /// Takes more bytes than the upload has room for.
    IgnoresOverrun,
    /// Fills the upload with the first bytes of too long a body, completes it, and refuses only then.
    CompletesOverrun,
    /// Lets an upload grow beyond `Tus-Max-Size`.
    IgnoresMaxSize,

    // Interruptions.
    /// Throws away what a broken request has brought.
    LosesInterruptedBytes,
    /// Answers a body that broke off as if it had been whole.
    AcceptsBrokenBodies,
    /// Writes nothing before the body has ended, and does not survive its client.
    DiesWithConnection,
    /// Waits for ever for heads and bodies.
    NeverTimesOut,
    /// Does not read what is left of a refused body.
    NeverDrains,
    /// Asks for the body before anything is checked, so that `100 Continue` is always sent.
    ContinuesBeforeChecking,

    // Writers.
    /// Lets a silent writer keep its place.
    NeverOvertakes,
    /// Lets a writer take the place of one that is at work.
    OvertakesAtOnce,
    /// Lets every PATCH that comes with the right offset write.
    WritesWithoutLock,
    /// Lets HEAD wait for the writer.
    HeadWaitsForWriter,
    /// Lets HEAD stop the writer.
    HeadStopsWriter,
    /// Lets DELETE wait for the writer.
    DeleteWaitsForWriter,

    // Lengths.
    /// Does not record a length that a PATCH declares.
    ForgetsDeclaredLength,
    /// Takes another length for one that is set, or one below the offset.
    ChangesLength,
    /// Records the length that a PATCH declares although it refuses the PATCH.
    RecordsRefusedLength,

    // Creation.
    /// Ignores the body of a creation.
    IgnoresCreationBody,
    /// Counts its ids from one.
    CountsIds,
    /// Gives every upload the same id.
    ReusesIds,

    // Checksums.
    /// Ignores checksums in headers and trailers.
    SkipsChecksums,
    /// Ignores the trailers of a body.
    IgnoresTrailers,
    /// Takes `Upload-Length` from trailers.
    ObeysTrailers,
    /// Keeps the bytes whose checksum is wrong.
    KeepsUnverified,
    /// Keeps the bytes that came before a request with a checksum broke.
    KeepsInterruptedUnverified,

    // Expiration and termination.
    /// Never removes an upload whose time is over.
    KeepsExpired,
    /// Removes finished uploads too.
    ExpiresFinished,
    /// Answers DELETE as it should and removes nothing.
    DeletesNothing,
    /// Deletes all other uploads too.
    DeletesOthers,
    /// Refuses to delete finished uploads.
    DeletesUnfinishedOnly,
    /// Lets a writer bring back the upload that was deleted under it.
    RevivesDeleted,

    // Concatenation.
    /// Joins the parts from the last to the first.
    ReversesParts,
    /// Takes uploads as parts that are none.
    ConcatenatesAnything,
    /// Leaves out parts that do not exist.
    SkipsMissingParts,
    /// Joins what there is of unfinished parts at once.
    ConcatenatesUnfinished,
    /// Leaves a final upload pending although its parts are complete.
    NeverAssembles,
    /// Gives the final upload the metadata of its first part.
    CopiesPartMetadata,
    /// Removes the parts once they are joined.
    ConsumesParts,
    /// Empties a final upload when a part of it is deleted.
    SharesParts,
    /// Deletes the parts with their final upload.
    DeletesParts,
    /// Appends to final uploads.
    PatchesFinals,

    // Restart.
    /// Knows nothing of what was there before.
    ForgetsUploads,
    /// Does not know the metadata of what was there before.
    ForgetsMetadata,
    /// Takes a length that was not told for that of the bytes that were there.
    ForgetsDeferral,
    /// Does not know the lengths of unfinished uploads that were there before.
    ForgetsLengths,
    /// Knows again what was deleted before.
    RevivesFiles,
    /// Has lost the last byte of each unfinished upload.
    LosesTails,
}
