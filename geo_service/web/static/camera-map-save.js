/* Saving a camera that was tried on the map: as planned, or over the camera itself unless somebody else was first; and taking
   a saved change back. */
(function () {
  "use strict";
  const CM = (window.CameraMap = window.CameraMap || {});
  const TE = (window.TownEdit = window.TownEdit || {});
  const LAYER = "camera_sites";

  /* `page`: open(), close(), choose(id), list(), say(words, bad), tools(), picture(), step(), after(line, planned), tell(). */
  CM.Saving = function (setup, page) {
    const words = setup.words;
    let busy = false;
    let saved = [];        /* numbers of the changes saved here */

    function save(planned) {
      const here = page.open();
      if (busy || !here || here.held) { return; }
      const values = here.panel.values();
      const anew = here.id === null || (planned && here.status !== "planned");
      if (planned) { values.status = "planned"; }
      if (anew && here.id !== null) {
        setup.own.forEach((name) => { if (name in values) { values[name] = name === "data_quality" ? "estimated" : ""; } });
        if (values.name === here.name) { values.name = TE.fill(words.copy_name, { name: values.name }); }
      }
      busy = true;
      TE.ask(setup.address + "/" + LAYER + (anew ? "" : "/" + here.id), { values: values, revision: anew ? null : here.revision, views_of: anew ? here.id : null }).then((answer) => {
        busy = false;
        if (page.open() !== here) { return; }
        const told = answer.told;
        if (answer.status === 200 || answer.status === 201) {
          const then = () => stored(told, values, planned);
          if (!anew || !setup.presets[here.id]) { then(); return; }
          /* the plan has presets of its own now */
          busy = true;
          TE.ask(setup.presetsAddress).then((found) => {
            busy = false;
            if (found.status === 200) { setup.presets = found.told; }
            if (page.open() === here) { then(); }
          });
          return;
        }
        if (answer.status === 409 && told.clashes) { clash(told, planned); return; }
        if (told.fields) { here.panel.faults(told.fields); }
        const list = (told.faults || []).concat((told.places || []).map((one) => one.words), told.messages || []);
        TE.messages(list.filter((one, at) => list.indexOf(one) === at).concat(told.gone ? [words.gone] : []));
        page.say(words.not_saved, true);
      });
    }
    function stored(told, values, planned) {
      if (told.batch) { saved.push(told.batch); }
      setup.cameras = setup.cameras.filter((one) => one[0] !== told.id).concat([[told.id, values.name, values.status]]);
      setup.planned = setup.cameras.filter((one) => one[2] === "planned").length;
      page.close();
      page.list();
      page.after(told.batch ? TE.fill(planned ? words.saved_planned : words.saved, { n: told.batch }) : words.unchanged, planned);
      page.tell();
      window.townMap.refresh(LAYER).then(() => page.choose(told.id));
    }
    /* Both versions, and which shall hold. */
    function clash(told, planned) {
      const here = page.open();
      const mine = here.panel.values();
      here.held = true;
      TE.messages([]);
      const settle = (values, message) => {
        here.held = false;
        here.revision = told.revision;
        here.panel.set(values);
        TE.messages([]);
        page.say(message);
        page.picture();
        page.step("merge", words.merge, false);
      };
      const top = document.getElementById("edit-messages");
      top.append(TE.clash(told, {
        theirs: () => { page.close(); window.townMap.refresh(LAYER).then(() => page.choose(here.id)); },
        mine: () => { settle(mine, words.kept_mine); save(planned); },
        merge: () => {
          const values = {};
          told.merged.forEach((one) => { values[one.name] = one.value; });
          settle(values, words.merged);
        },
      }));
      top.scrollIntoView({ block: "start" });
      page.say(words.not_saved, true);
    }
    /* Take the last saved change back; false where there is none. */
    function undo() {
      if (!saved.length) { return false; }
      if (busy) { return true; }
      busy = true;
      const batch = saved[saved.length - 1];
      const id = page.open() && page.open().id;
      TE.ask(setup.address + "/undo/" + batch, {}).then((answer) => {
        busy = false;
        if (answer.status !== 200) { page.say((answer.told.messages || [words.failed])[0], true); return; }
        saved = saved.filter((one) => one !== batch);
        page.close();
        page.after(TE.fill(words.undone, { n: batch }), false);
        window.townMap.refresh(LAYER).then(() => {
          const there = Boolean(id && window.townMap.feature(LAYER, id));
          setup.cameras = setup.cameras.filter((one) => one[0] !== id || there);
          setup.planned = setup.cameras.filter((one) => one[2] === "planned").length;
          page.list();
          page.tell();
          page.tools();
          if (there) { page.choose(id); }
        });
      });
      return true;
    }
    return { save: save, undo: undo, depth: () => saved.length };
  };
})();
